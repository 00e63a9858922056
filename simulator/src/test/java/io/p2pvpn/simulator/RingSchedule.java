package io.p2pvpn.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What happens to a ring of up to ten nodes, and when. Host 0 founds the ring; the actions do the rest. The text form
 * holds everything that a run depends on.
 *
 * @param seed of the world: delays, losses, the nodes' own draws
 * @param keepsAssumption whether ends of nodes that would take somebody's last live entry are left out
 */
record RingSchedule(long seed, Network network, boolean keepsAssumption, List<Action> actions) {
    static final int HOSTS_MAX = 10;

    private static final long MICRO_NANOS = 1_000;
    private static final long MILLI_NANOS = 1_000_000;
    /** Between two actions, on average: closer than a datagram, a round trip, a handshake, a few keepalives. */
    private static final long[] GAPS_NANOS = {2 * MILLI_NANOS, 30 * MILLI_NANOS, 300 * MILLI_NANOS, 3_000 * MILLI_NANOS
    };

    /** What the links are like. */
    @SuppressWarnings("ImmutableEnumChecker") // both are records of numbers
    enum Network {
        /** Five milliseconds, always. */
        STEADY(LinkModel.constantDelay(5 * MILLI_NANOS), RingGrace.PROMPT),
        /** One to a hundred milliseconds: messages overtake each other all the time. */
        UNEVEN(
                new LinkModel(
                        MILLI_NANOS, 30 * MILLI_NANOS, LinkModel.Jitter.UNIFORM, 0, 0.02, 0.1, 40 * MILLI_NANOS, 1500),
                RingGrace.PROMPT),
        /** The same, and one datagram in twenty is lost. */
        LOSSY(
                new LinkModel(
                        MILLI_NANOS,
                        30 * MILLI_NANOS,
                        LinkModel.Jitter.UNIFORM,
                        0.05,
                        0.02,
                        0.1,
                        40 * MILLI_NANOS,
                        1500),
                RingGrace.LOSSY);

        final LinkModel link;
        final RingGrace grace;

        Network(LinkModel link, RingGrace grace) {
            this.link = link;
            this.grace = grace;
        }
    }

    /** What can happen to a host. */
    enum Kind {
        JOIN,
        FAIL,
        LEAVE,
        RESTART,
        STABILISE,
        RECTIFY,
        CLOG
    }

    /** One thing that happens; where it makes no sense it does nothing. */
    record Action(long atNanos, Kind kind, int host) {
        @Override
        public String toString() {
            return atNanos / MICRO_NANOS + " " + kind.name().toLowerCase(Locale.ROOT) + " " + host;
        }

        static Action parse(String text) {
            String[] parts = text.trim().split(" ", -1);
            return new Action(
                    Long.parseLong(parts[0]) * MICRO_NANOS,
                    Kind.valueOf(parts[1].toUpperCase(Locale.ROOT)),
                    Integer.parseInt(parts[2]));
        }
    }

    RingSchedule {
        actions = List.copyOf(actions);
    }

    /** The schedule of a seed. */
    static RingSchedule random(long seed, boolean keepsAssumption) {
        SplittableRandom random = new SplittableRandom(seed);
        Network network = Network.values()[random.nextInt(Network.values().length)];
        int hosts = 3 + random.nextInt(HOSTS_MAX - 2);
        List<Action> actions = new ArrayList<>();
        boolean[] runs = new boolean[hosts];
        runs[0] = true;
        long nanos = 0;
        int firstJoins = random.nextInt(hosts);
        int total = firstJoins + 3 + random.nextInt(12);
        long gap = GAPS_NANOS[random.nextInt(GAPS_NANOS.length)];
        for (int i = 0; i < total; i++) {
            boolean isGrowing = i < firstJoins;
            if (i == firstJoins || random.nextInt(4) == 0) {
                gap = GAPS_NANOS[random.nextInt(GAPS_NANOS.length)];
            }
            nanos += (long) (random.nextDouble() * 2 * gap);
            int host = random.nextInt(hosts);
            Kind kind = isGrowing ? Kind.JOIN : kind(random, runs[host]);
            if (kind == Kind.JOIN || kind == Kind.RESTART) {
                runs[host] = true;
            } else if (kind == Kind.FAIL || kind == Kind.LEAVE) {
                runs[host] = false;
            }
            actions.add(new Action(nanos / MICRO_NANOS * MICRO_NANOS, kind, host));
        }
        return new RingSchedule(seed, network, keepsAssumption, actions);
    }

    private static Kind kind(SplittableRandom random, boolean runs) {
        if (!runs) {
            return Kind.JOIN;
        }
        int draw = random.nextInt(12);
        return switch (draw) {
            case 0, 1, 2 -> Kind.FAIL;
            case 3, 4 -> Kind.LEAVE;
            case 5, 6 -> Kind.RESTART;
            case 7, 8 -> Kind.STABILISE;
            case 9, 10 -> Kind.RECTIFY;
            default -> Kind.CLOG;
        };
    }

    /** The same, and a second later most of the hosts crash at one instant. */
    RingSchedule crashingAtOnce() {
        List<Action> more = new ArrayList<>(actions);
        long nanos = actions.get(actions.size() - 1).atNanos() + 1_000 * MILLI_NANOS;
        for (int host = 0; host < HOSTS_MAX; host++) {
            if (host % 4 != seed % 4) {
                more.add(new Action(nanos, Kind.FAIL, host));
            }
        }
        return withActions(more);
    }

    RingSchedule withActions(List<Action> newActions) {
        return new RingSchedule(seed, network, keepsAssumption, newActions);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(
                seed + " " + network.name().toLowerCase(Locale.ROOT) + (keepsAssumption ? " within" : " beyond"));
        actions.forEach(action -> text.append(", ").append(action));
        return text.toString();
    }

    static RingSchedule parse(String text) {
        String[] parts = text.split(",", -1);
        String[] head = parts[0].trim().split(" ", -1);
        List<Action> actions = new ArrayList<>();
        for (int i = 1; i < parts.length; i++) {
            actions.add(Action.parse(parts[i]));
        }
        return new RingSchedule(
                Long.parseLong(head[0]),
                Network.valueOf(head[1].toUpperCase(Locale.ROOT)),
                head[2].equals("within"),
                actions);
    }
}
