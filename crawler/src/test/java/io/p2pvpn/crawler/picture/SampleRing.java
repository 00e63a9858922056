package io.p2pvpn.crawler.picture;

import io.p2pvpn.crawler.picture.Topology.Faults;
import io.p2pvpn.crawler.picture.Topology.Node;
import io.p2pvpn.crawler.picture.Topology.Pair;
import io.p2pvpn.crawler.picture.Topology.Trip;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Rings as a crawl would find them, from a seed. */
public final class SampleRing {
    private static final int NEIGHBOURS = 4;

    private SampleRing() {}

    /** A sound ring with far links, some on demand, some over relays, and round trips. */
    public static Topology of(int size, long seed) {
        Random random = new Random(seed);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            StringBuilder id = new StringBuilder();
            while (id.length() < 40) {
                id.append(String.format(Locale.ROOT, "%08x", random.nextInt()));
            }
            ids.add(id.toString());
        }
        ids.sort(null);
        List<Node> nodes = new ArrayList<>();
        List<Trip> trips = new ArrayList<>();
        int farLinks = Math.max(1, (int) Math.ceil(Math.log(Math.max(2, size)) / Math.log(2) / 2));
        for (int i = 0; i < size; i++) {
            List<String> successors = new ArrayList<>();
            List<String> predecessors = new ArrayList<>();
            for (int step = 1; step <= Math.min(NEIGHBOURS, (size - 1) / 2); step++) {
                successors.add(ids.get((i + step) % size));
                predecessors.add(ids.get((i - step + size) % size));
            }
            List<String> far = new ArrayList<>();
            for (int k = 0; k < farLinks; k++) {
                int distance = (int) Math.exp(random.nextDouble() * Math.log(Math.max(2, size - 1)));
                far.add(ids.get((i + distance) % size));
            }
            List<String> chota = random.nextInt(8) == 0 ? List.of(ids.get(random.nextInt(size))) : List.of();
            List<String> relayed = random.nextInt(12) == 0 ? List.of(ids.get(random.nextInt(size))) : List.of();
            nodes.add(new Node(ids.get(i), "node" + i, successors, predecessors, far, chota, relayed));
            for (String end : successors) {
                trips.add(new Trip(ids.get(i), end, Math.exp(random.nextDouble() * 6)));
            }
            for (String end : far) {
                trips.add(new Trip(ids.get(i), end, Math.exp(random.nextDouble() * 6)));
            }
        }
        return new Topology("ring of " + size, nodes, trips, Faults.NONE);
    }

    /** The same with two nodes and two links at fault. */
    public static Topology withFaults(int size, long seed) {
        Topology sound = of(size, seed);
        List<Node> nodes = sound.nodes();
        return sound.withFaults(new Faults(
                List.of(nodes.get(size / 5).id(), nodes.get(size / 2).id()),
                List.of(
                        new Pair(
                                nodes.get(size / 5).id(),
                                nodes.get(size / 5 + 1).id()),
                        new Pair(nodes.get(0).id(), nodes.get(size / 3).id()))));
    }
}
