package io.p2pvpn.crawler.picture;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What is known of a ring. Immutable.
 *
 * @param title what the picture is called
 * @param nodes those that answered, in any order, each ID once
 * @param trips round trips that were measured, in any order; those of links that no node told of are not drawn
 * @param faults what is wrong, to be marked
 */
public record Topology(String title, List<Node> nodes, List<Trip> trips, Faults faults) {
    /** Nodes in one picture. */
    public static final int NODES_MAX = 20_000;
    /** Links of one node and kind; more are left out, and counted. */
    public static final int LINKS_MAX = 64;

    private static final Pattern ID = Pattern.compile("[0-9a-f]{40}");

    /**
     * One node.
     *
     * @param id overlay ID, 40 lower-case hex digits
     * @param name what it calls itself; may be empty, and anything
     * @param successors IDs of the next nodes clockwise
     * @param predecessors IDs of the next nodes the other way
     * @param far IDs at the other ends of its far links
     * @param chota IDs at the other ends of its links on demand
     * @param relayed IDs of those whom it reaches over another node only
     */
    public record Node(
            String id,
            String name,
            List<String> successors,
            List<String> predecessors,
            List<String> far,
            List<String> chota,
            List<String> relayed) {
        /** Checks the node's own ID; those of others are only looked up. */
        public Node {
            if (!ID.matcher(id).matches()) {
                throw new IllegalArgumentException("an overlay ID is 40 lower-case hex digits");
            }
            successors = List.copyOf(successors);
            predecessors = List.copyOf(predecessors);
            far = List.copyOf(far);
            chota = List.copyOf(chota);
            relayed = List.copyOf(relayed);
        }
    }

    /**
     * A round trip.
     *
     * @param one ID of one end
     * @param other ID of the other end
     * @param rttMillis between them, 0 or more
     */
    public record Trip(String one, String other, double rttMillis) {}

    /**
     * Two ends of a link.
     *
     * @param one ID
     * @param other ID
     */
    public record Pair(String one, String other) {}

    /**
     * What is wrong.
     *
     * @param nodes IDs
     * @param links pairs; one that no node told of is drawn as missing
     */
    public record Faults(List<String> nodes, List<Pair> links) {
        /** Nothing. */
        public static final Faults NONE = new Faults(List.of(), List.of());

        /** Copies both. */
        public Faults {
            nodes = List.copyOf(nodes);
            links = List.copyOf(links);
        }
    }

    /**
     * Copies all lists.
     *
     * @throws IllegalArgumentException for more nodes, or in all more links and trips, than a picture can show
     */
    public Topology {
        nodes = List.copyOf(nodes);
        trips = List.copyOf(trips);
        int pairsMax = NODES_MAX * LINKS_MAX;
        if (nodes.size() > NODES_MAX
                || trips.size() > pairsMax
                || faults.links().size() > pairsMax
                || faults.nodes().size() > NODES_MAX) {
            throw new IllegalArgumentException(
                    "a picture shows " + NODES_MAX + " nodes at most: draw a part of the ring");
        }
    }

    /** Of nodes alone. */
    public static Topology of(String title, List<Node> nodes) {
        return new Topology(title, nodes, List.of(), Faults.NONE);
    }

    /** The same with these round trips. */
    public Topology withTrips(List<Trip> measured) {
        return new Topology(title, nodes, measured, faults);
    }

    /** The same with these faults. */
    public Topology withFaults(Faults found) {
        return new Topology(title, nodes, trips, found);
    }

    /** The nodes in the order of the ring. */
    List<Node> ordered() {
        List<Node> ordered = new ArrayList<>(nodes);
        ordered.sort(java.util.Comparator.comparing(Node::id));
        return ordered;
    }
}
