package io.p2pvpn.simulator.converged;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.ArcSplit;
import io.p2pvpn.overlay.ring.Broadcasts;
import io.p2pvpn.overlay.ring.Circle;
import io.p2pvpn.overlay.ring.Greedy;
import io.p2pvpn.shortcuts.far.FarTargets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A ring of up to some million members that stands as it should, without sessions, clocks and messages: each has its
 * four neighbours on both sides and as many far links as a member has, and what is asked of it is answered by the
 * classes that route, draw far links and split broadcasts in a node. Members are numbered clockwise from 0. Immutable.
 */
public final class ConvergedRing {
    private static final int NEAR = 4;
    private static final int NONE = -1;

    private final OverlayId[] ids;
    private final int[][] farLinks;
    /** Whose far link a member is. */
    private final int[][] linkedBy;

    /** Members at random positions. */
    public ConvergedRing(int size, SplittableRandom random) {
        ids = positions(size, random);
        farLinks = new int[size][];
        int[] counts = new int[size];
        for (int i = 0; i < size; i++) {
            farLinks[i] = drawFarLinks(i, random);
            for (int far : farLinks[i]) {
                counts[far]++;
            }
        }
        linkedBy = new int[size][];
        Arrays.setAll(linkedBy, i -> new int[counts[i]]);
        for (int i = 0; i < size; i++) {
            for (int far : farLinks[i]) {
                linkedBy[far][--counts[far]] = i;
            }
        }
    }

    private static OverlayId[] positions(int size, SplittableRandom random) {
        TreeSet<OverlayId> positions = new TreeSet<>();
        byte[] bytes = new byte[OverlayId.BYTES];
        while (positions.size() < size) {
            random.nextBytes(bytes);
            positions.add(OverlayId.of(bytes));
        }
        return positions.toArray(OverlayId[]::new);
    }

    /** As a member does: it asks who is nearest to drawn positions until it has enough. */
    private int[] drawFarLinks(int member, SplittableRandom random) {
        int count = Math.min(FarTargets.count(size()), size() - 1);
        TreeSet<Integer> drawn = new TreeSet<>();
        while (drawn.size() < count) {
            int nearest = nearest(FarTargets.draw(ids[member], size(), random));
            if (nearest != member) {
                drawn.add(nearest);
            }
        }
        return drawn.stream().mapToInt(Integer::intValue).toArray();
    }

    /** How many members there are. */
    public int size() {
        return ids.length;
    }

    /** A member's position. */
    public OverlayId id(int member) {
        return ids[member];
    }

    /** How many members a member has links to, whoever wants them. */
    public int links(int member) {
        return linksOf(member).size();
    }

    /** The neighbours on one side, nearest first. */
    int[] near(int member, boolean clockwise) {
        int[] near = new int[Math.min(NEAR, size() - 1)];
        Arrays.setAll(near, i -> Math.floorMod(clockwise ? member + i + 1 : member - i - 1, size()));
        return near;
    }

    /** The far links that a member wants itself. */
    int[] far(int member) {
        return farLinks[member].clone();
    }

    /** The far links that others want to a member. */
    int[] linkedBy(int member) {
        return linkedBy[member].clone();
    }

    /** The member nearest to a position: who answers for it. */
    public int nearest(OverlayId position) {
        int found = Arrays.binarySearch(ids, position);
        if (found >= 0) {
            return found;
        }
        int after = Math.floorMod(-found - 1, size());
        int before = Math.floorMod(after - 1, size());
        return Greedy.isNearer(ids[before], ids[after], position) ? before : after;
    }

    /** Whom a member passes a message on to, or -1 if it is itself the nearest that it knows. */
    public int next(int member, OverlayId position) {
        Integer nearest = Greedy.nearest(linksOf(member), position, each -> true);
        return nearest != null && Greedy.isNearer(ids[nearest], ids[member], position) ? nearest : NONE;
    }

    /**
     * The same where members know the links of those that they are linked to, and look for the nearest among these (G.
     * Manku, M. Naor, U. Wieder: Know thy Neighbor's Neighbor, STOC 2004).
     */
    public int nextLookingAhead(int member, OverlayId position) {
        int best = NONE;
        OverlayId least = position.ringDistanceTo(ids[member]);
        for (int link : linksOf(member).values()) {
            OverlayId ahead = position.ringDistanceTo(ids[link]);
            if (best == NONE && ahead.compareTo(least) < 0) {
                best = link;
                least = ahead;
            }
            for (int further : linksOf(link).values()) {
                OverlayId distance = position.ringDistanceTo(ids[further]);
                ahead = distance.compareTo(ahead) < 0 ? distance : ahead;
            }
            if (ahead.compareTo(least) < 0) {
                best = link;
                least = ahead;
            }
        }
        Integer direct = Greedy.nearest(linksOf(member), position, each -> true);
        boolean isThere = direct != null && position.ringDistanceTo(ids[direct]).compareTo(least) <= 0;
        return isThere && direct != null && Greedy.isNearer(ids[direct], ids[member], position) ? direct : best;
    }

    private Circle<Integer> linksOf(int member) {
        Circle<Integer> links = new Circle<>();
        for (int step = 1; step <= NEAR; step++) {
            add(links, member, Math.floorMod(member + step, size()));
            add(links, member, Math.floorMod(member - step, size()));
        }
        for (int far : farLinks[member]) {
            add(links, member, far);
        }
        for (int other : linkedBy[member]) {
            add(links, member, other);
        }
        return links;
    }

    private void add(Circle<Integer> links, int member, int other) {
        if (other != member) {
            links.put(ids[other], other);
        }
    }

    /** Hears of each message of a broadcast. */
    @FunctionalInterface
    public interface Listener {
        /** A member hands another one a part; the source's own messages have crossed one link. */
        void onMessage(int from, int to, int hops);
    }

    /** A member's broadcast to all others, message by message. */
    public void broadcast(int source, Listener listener) {
        record Task(int member, Arc arc, int hops) {}
        ArrayDeque<Task> tasks = new ArrayDeque<>();
        tasks.add(new Task(source, Arc.whole(ids[source]), 0));
        while (!tasks.isEmpty()) {
            Task task = tasks.remove();
            for (ArcSplit.Part part : ArcSplit.split(task.arc(), ids[task.member()], children(task.member()))) {
                int child = nearest(part.child());
                listener.onMessage(task.member(), child, task.hops() + 1);
                tasks.add(new Task(child, part.arc(), task.hops() + 1));
            }
        }
    }

    /** Neighbours, own far links, and some of the others' evenly spread, as in a node. */
    private List<OverlayId> children(int member) {
        TreeSet<OverlayId> own = new TreeSet<>();
        for (int step = 1; step <= NEAR; step++) {
            own.add(ids[Math.floorMod(member + step, size())]);
            own.add(ids[Math.floorMod(member - step, size())]);
        }
        for (int far : farLinks[member]) {
            own.add(ids[far]);
        }
        TreeSet<OverlayId> others = new TreeSet<>();
        for (int other : linkedBy[member]) {
            others.add(ids[other]);
        }
        others.removeAll(own);
        List<OverlayId> children = new ArrayList<>(own);
        children.addAll(Broadcasts.evenly(List.copyOf(others)));
        return children;
    }
}
