package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.namespace.Administration;
import io.p2pvpn.vpn.namespace.MembershipState;
import io.p2pvpn.vpn.namespace.SessionCalls;
import io.p2pvpn.vpn.trust.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A member that is put out is out, by whole nodes. {@code -Dp2pvpn.members=32 -Dp2pvpn.trials=20} is the large one. */
class RevocationTest {
    private static final int MEMBERS = Integer.getInteger("p2pvpn.members", 10);
    private static final int TRIALS = Integer.getInteger("p2pvpn.trials", 3);
    private static final double OUT_SECONDS_MAX = 5;
    private static final long STEP_NANOS = 50_000_000L;

    private final List<Long> sent = new ArrayList<>();

    /** It neither hears of decisions nor passes them on. */
    private static void deafen(Node node) {
        node.daemon()
                .node()
                .calls()
                .handle(
                        SessionCalls.TRUST_PUT,
                        (from, told) -> CompletableFuture.failedFuture(new CallException("deaf")));
    }

    /** Sends one packet to everybody else. */
    private void sendToAll(Node from, List<Node> members) {
        for (Node to : members) {
            if (to != from && to.isMember() && from.isMember()) {
                long number = (1L << 40) + sent.size();
                sent.add(number);
                from.tun().send(to.address(), number);
            }
        }
    }

    private long accepted(Node from, List<Node> members) {
        return members.stream()
                .filter(to -> to != from && to.isMember())
                .mapToLong(to -> to.tun().received().stream()
                        .filter(number -> number >= 1L << 40)
                        .count())
                .sum();
    }

    /** How many records of that member the others keep for the namespace. */
    private static long keptRecords(OverlayId owner, List<Node> others) {
        return others.stream()
                .filter(Node::isMember)
                .flatMap(other ->
                        Objects.requireNonNull(
                                Objects.requireNonNull(other.membership()).dht())
                                .storedRecords()
                                .stream())
                .filter(record -> record.owner().nodeId().equals(owner))
                .count();
    }

    /** From when the administrator says so to when anybody takes the last packet of the revoked one, in seconds. */
    private double secondsUntilOut(long seed, boolean deaf) {
        VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET.withLoss(0.02));
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        List<Node> members = world.inviteAll(MEMBERS - 1, founder, bootstrap);
        world.runFor(20);
        Node out = members.get(1 + (int) (seed % (MEMBERS - 1)));
        for (int i = 0; i < 100; i++) {
            sendToAll(out, members);
            world.world().runFor(STEP_NANOS);
        }
        assertThat(accepted(out, members)).isPositive();
        world.done(
                Objects.requireNonNull(Objects.requireNonNull(out.membership()).dht())
                        .put(OverlayId.of(new byte[OverlayId.BYTES]), new byte[100], 3600));
        List<Node> rest = new ArrayList<>(members);
        rest.remove(out);
        OverlayId owner = out.identity().publicIdentity().nodeId();
        // The one that was put now, the address, the name.
        assertThat(keptRecords(owner, rest)).isGreaterThanOrEqualTo(3);
        if (deaf) {
            deafen(out);
        }
        int address = out.address();
        long start = world.world().nanoTime();
        var decided = VpnWorld.administration(founder).revoke(out.host().name());
        long last = start;
        long before = accepted(out, members);
        for (int i = 0; i < 400; i++) {
            sendToAll(out, members);
            world.world().runFor(STEP_NANOS);
            long now = accepted(out, members);
            last = now > before ? world.world().nanoTime() : last;
            before = now;
        }
        world.done(decided);
        assertThat(keptRecords(owner, rest)).isZero();
        assertThat(world.runUntilOne(rest, 30)).as(() -> world.wrong(rest)).isNotNegative();
        // Whoever is deaf has gone on sending all the time.
        assertThat(Objects.requireNonNull(out.membership()).state())
                .isEqualTo(deaf ? MembershipState.JOINED : MembershipState.REVOKED);
        // Its address is free: another takes it.
        world.runFor(10);
        Node heir = world.add();
        var invite = world.invite(founder, 1);
        world.start(
                heir,
                new io.p2pvpn.vpn.namespace.MembershipOptions(
                        VpnWorld.NAMESPACE, null, false, invite, "heir", address, null, null, true, 1400, false),
                bootstrap);
        rest.add(heir);
        assertThat(world.runUntilOne(rest, 60)).as(() -> world.wrong(rest)).isNotNegative();
        assertThat(heir.address()).isEqualTo(address);
        return (last - start) / (double) VpnWorld.SECOND_NANOS;
    }

    private void assertOutSoon(boolean deaf) {
        double[] seconds = new double[TRIALS];
        for (int i = 0; i < TRIALS; i++) {
            sent.clear();
            seconds[i] = secondsUntilOut(SimSeeds.seedOr(1) + i, deaf);
        }
        Arrays.sort(seconds);
        System.out.printf(
                "%d members, %d trials%s: out after median %.2f s, at most %.2f s%n",
                MEMBERS, TRIALS, deaf ? ", deaf" : "", seconds[TRIALS / 2], seconds[TRIALS - 1]);
        assertThat(seconds[TRIALS - 1]).isLessThanOrEqualTo(OUT_SECONDS_MAX);
    }

    @Test
    void revoked_nobodyTakesItsPackets() {
        assertOutSoon(false);
    }

    @Test
    void revoked_thatHearsNothingAndPassesNothingOn_isOutAllTheSame() {
        assertOutSoon(true);
    }

    private static void assertStaysOut(VpnWorld world, Node out, List<Node> rest, Node bootstrap) {
        world.start(out, VpnWorld.closedOptions(out.host().name(), null), bootstrap);
        world.runFor(60);
        assertThat(out.isMember()).isFalse();
        assertThat(out.failures()).isNotEmpty();
        assertThat(out.failures().get(out.failures().size() - 1).kind()).isEqualTo(ControlException.Kind.NOT_PERMITTED);
        assertThat(world.wrong(rest)).isNull();
    }

    @Test
    void revoked_cannotComeBack_alsoAfterEveryNodeHasRestarted_untilItIsApproved() {
        SimSeeds.forEach(Seeds.count(3), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET);
            Node bootstrap = world.bootstrap();
            Node founder = world.found(bootstrap);
            List<Node> rest = new ArrayList<>(world.inviteAll(5, founder, bootstrap));
            Node out = rest.remove(3);
            deafen(out);
            world.done(VpnWorld.administration(founder).revoke(out.host().name()));
            world.runFor(5);
            assertStaysOut(world, out, rest, bootstrap);
            out.crash();
            rest.forEach(Node::crash);
            world.runFor(5);
            SplittableRandom dice = new SplittableRandom(seed);
            for (Node node : rest) {
                world.world()
                        .after(
                                dice.nextLong(5 * VpnWorld.SECOND_NANOS),
                                () -> world.start(
                                        node, VpnWorld.closedOptions(node.host().name(), null), bootstrap));
            }
            world.runFor(6);
            assertThat(world.runUntilOne(rest, 120)).as(() -> world.wrong(rest)).isNotNegative();
            assertStaysOut(world, out, rest, bootstrap);
            // As a newcomer it asks, and may be let in again.
            out.host().files().keySet().removeIf(name -> name.contains("/"));
            out.failures().clear();
            world.start(out, VpnWorld.closedOptions("back", null), bootstrap);
            world.runFor(20);
            world.done(
                    VpnWorld.administration(founder).approve("back", null, Role.MEMBER, Administration.VALID_MILLIS));
            rest.add(out);
            assertThat(world.runUntilOne(rest, 60)).as(() -> world.wrong(rest)).isNotNegative();
        });
    }

    /**
     * A member is put out while another is away.
     *
     * @param rest the other members, that one among them
     * @param out who is put out, and deaf to it
     * @param away who does not run
     */
    private record Away(VpnWorld world, Node bootstrap, List<Node> rest, Node out, Node away) {
        static Away begin(long seed) {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET);
            Node bootstrap = world.bootstrap();
            Node founder = world.found(bootstrap);
            List<Node> rest = new ArrayList<>(world.inviteAll(7, founder, bootstrap));
            Node out = rest.remove(2);
            Node away = rest.get(4);
            deafen(out);
            world.runFor(20);
            away.crash();
            world.runFor(30);
            world.done(VpnWorld.administration(founder).revoke(out.host().name()));
            return new Away(world, bootstrap, rest, out, away);
        }

        void comeBack() {
            world.start(away, VpnWorld.closedOptions(away.host().name(), null), bootstrap);
        }
    }

    /** Who was away when it was decided meets the revoked one first, and lets it in nevertheless not. */
    @Test
    void revoked_isNotLetInByAMemberThatWasAway() {
        SimSeeds.forEach(Seeds.count(6), seed -> {
            Away scene = Away.begin(seed);
            VpnWorld world = scene.world;
            world.runFor(5);
            scene.comeBack();
            for (int i = 0; i < 600; i++) {
                sendToAll(scene.out, scene.rest);
                world.world().runFor(STEP_NANOS);
            }
            assertThat(world.wrong(scene.rest)).isNull();
            assertThat(scene.away.tun().received()).noneMatch(number -> number >= 1L << 40);
        });
    }

    /**
     * Two that are cut off from everybody who knows can only tell each other what they know: so they may talk, until
     * one of them meets a third.
     */
    @Test
    void revoked_aloneWithAMemberThatWasAway_isOutWhenThatOneMeetsAnother() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            Away scene = Away.begin(seed);
            VpnWorld world = scene.world;
            world.world().network().isolate(VpnWorld.hosts(List.of(scene.out, scene.away, scene.bootstrap)));
            scene.comeBack();
            world.runFor(60);
            assertThat(world.ping(scene.out, scene.away, 20)).isNotNegative();
            world.world().network().healAll();
            assertThat(world.runUntilOne(scene.rest, 60))
                    .as(() -> world.wrong(scene.rest))
                    .isNotNegative();
            sendToAll(scene.out, scene.rest);
            world.runFor(5);
            assertThat(scene.rest)
                    .allSatisfy(node -> assertThat(node.tun().received()).noneMatch(n -> n >= 1L << 40));
            sent.clear();
        });
    }
}
