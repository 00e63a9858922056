package io.p2pvpn.crawler.picture;

import io.p2pvpn.crawler.picture.Topology.Node;
import io.p2pvpn.crawler.picture.Topology.Pair;
import io.p2pvpn.crawler.picture.Topology.Trip;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A topology ready to be drawn: nodes at their places, in the order of the ring, and each link once. Immutable.
 *
 * @param title of the picture
 * @param spots the nodes
 * @param links sorted by their ends
 * @param measured whether any link has a round trip
 * @param unknown links to nodes that are not in the picture
 * @param tooMany links that were left out because one node told of too many
 */
record Drawing(String title, List<Spot> spots, List<Link> links, boolean measured, int unknown, int tooMany) {
    /** Without a round trip. */
    static final double NO_TRIP = -1;

    /** Half of a picture's side, in its own unit. */
    static final double MIDDLE = 500;
    /** Of the ring. */
    static final double RADIUS = 400;

    private static final int DIGITS = 12;
    private static final double TURN = Math.pow(16, DIGITS);

    /**
     * A node at its place.
     *
     * @param node as it was told
     * @param turn its place on the ring, clockwise from the top, 0 to 1
     * @param faulty whether something is wrong with it
     */
    record Spot(Node node, double turn, boolean faulty) {
        double x(double radius) {
            return MIDDLE + radius * StrictMath.sin(2 * Math.PI * turn);
        }

        double y(double radius) {
            return MIDDLE - radius * StrictMath.cos(2 * Math.PI * turn);
        }
    }

    /**
     * A link.
     *
     * @param one number of a spot
     * @param other number of a spot, higher
     * @param kind what it is for
     * @param rttMillis round trip, or {@link #NO_TRIP}
     * @param faulty whether something is wrong with it
     */
    record Link(int one, int other, LinkKind kind, double rttMillis, boolean faulty) {}

    static Drawing of(Topology topology) {
        return new Maker(topology).make();
    }

    private static final class Maker {
        private final Topology topology;
        private final List<Node> nodes;
        private final Map<String, Integer> numbers = new TreeMap<>();
        private final Map<Long, LinkKind> kinds = new TreeMap<>();
        private final Map<Long, Double> trips = new TreeMap<>();
        private final Map<Long, Boolean> faults = new TreeMap<>();
        private int unknown;
        private int tooMany;

        Maker(Topology topology) {
            this.topology = topology;
            this.nodes = topology.ordered();
        }

        Drawing make() {
            for (int i = 0; i < nodes.size(); i++) {
                if (numbers.put(nodes.get(i).id(), i) != null) {
                    throw new IllegalArgumentException(
                            "two nodes have the ID " + nodes.get(i).id());
                }
            }
            for (int i = 0; i < nodes.size(); i++) {
                Node node = nodes.get(i);
                add(i, node.successors(), LinkKind.NEAR);
                add(i, node.predecessors(), LinkKind.NEAR);
                add(i, node.far(), LinkKind.FAR);
                add(i, node.chota(), LinkKind.CHOTA);
                add(i, node.relayed(), LinkKind.RELAYED);
            }
            for (Pair pair : topology.faults().links()) {
                long key = key(numbers.getOrDefault(pair.one(), -1), pair.other());
                if (key >= 0) {
                    faults.put(key, true);
                    kinds.putIfAbsent(key, LinkKind.MISSING);
                }
            }
            for (Trip trip : topology.trips()) {
                long key = key(numbers.getOrDefault(trip.one(), -1), trip.other());
                if (key >= 0 && trip.rttMillis() >= 0) {
                    trips.merge(key, trip.rttMillis(), Math::min);
                }
            }
            return new Drawing(topology.title(), spots(), links(), !trips.isEmpty(), unknown, tooMany);
        }

        private void add(int from, List<String> ends, LinkKind kind) {
            tooMany += Math.max(0, ends.size() - Topology.LINKS_MAX);
            for (String end : ends.subList(0, Math.min(ends.size(), Topology.LINKS_MAX))) {
                long key = key(from, end);
                if (key >= 0) {
                    kinds.merge(key, kind, (one, other) -> drawn(one, other));
                } else if (!numbers.containsKey(end)) {
                    unknown++;
                }
            }
        }

        /** That a neighbour is reached over a relay matters more than that it is one. */
        private static LinkKind drawn(LinkKind one, LinkKind other) {
            if (one == LinkKind.RELAYED || other == LinkKind.RELAYED) {
                return LinkKind.RELAYED;
            }
            return one.compareTo(other) <= 0 ? one : other;
        }

        /** The same from both ends; -1 if there is no such link in the picture. */
        private long key(int from, String end) {
            Integer to = numbers.get(end);
            if (to == null || from < 0 || to == from) {
                return -1;
            }
            return (long) Math.min(from, to) << Integer.SIZE | Math.max(from, to);
        }

        private List<Spot> spots() {
            Map<String, Boolean> faulty = new TreeMap<>();
            topology.faults().nodes().forEach(id -> faulty.put(id, true));
            List<Spot> spots = new ArrayList<>(nodes.size());
            for (Node node : nodes) {
                double turn = Long.parseLong(node.id().substring(0, DIGITS), 16) / TURN;
                spots.add(new Spot(node, turn, faulty.containsKey(node.id())));
            }
            return List.copyOf(spots);
        }

        private List<Link> links() {
            List<Link> links = new ArrayList<>(kinds.size());
            kinds.forEach((key, kind) -> links.add(new Link(
                    (int) (key >>> Integer.SIZE),
                    key.intValue(),
                    kind,
                    trips.getOrDefault(key, NO_TRIP),
                    faults.containsKey(key))));
            return List.copyOf(links);
        }
    }
}
