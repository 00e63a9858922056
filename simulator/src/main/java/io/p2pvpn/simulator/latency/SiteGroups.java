package io.p2pvpn.simulator.latency;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Sites in groups that lie close together, none larger than a limit (single linkage: Kruskal, stopped in time). */
final class SiteGroups {
    private final int[] leaderBySite;
    private final int[] sizeByLeader;

    private SiteGroups(int sites) {
        leaderBySite = IntStream.range(0, sites).toArray();
        sizeByLeader = new int[sites];
        Arrays.fill(sizeByLeader, 1);
    }

    /** Joins the nearest first, until two groups would become one of more than {@code sizeMax} sites. */
    static SiteGroups of(LatencyMatrix matrix, int sizeMax) {
        int sites = matrix.sites();
        SiteGroups groups = new SiteGroups(sites);
        List<int[]> pairs = IntStream.range(0, sites)
                .boxed()
                .flatMap(one -> IntStream.range(one + 1, sites).mapToObj(other -> new int[] {one, other}))
                .sorted(Comparator.comparingInt(pair -> matrix.tenths(pair[0], pair[1])))
                .toList();
        boolean fits = true;
        for (int i = 0; i < pairs.size() && fits; i++) {
            fits = groups.join(pairs.get(i)[0], pairs.get(i)[1], sizeMax);
        }
        return groups;
    }

    private boolean join(int one, int other, int sizeMax) {
        int first = leader(one);
        int second = leader(other);
        if (first == second) {
            return true;
        }
        if (sizeByLeader[first] + sizeByLeader[second] > sizeMax) {
            return false;
        }
        leaderBySite[first] = second;
        sizeByLeader[second] += sizeByLeader[first];
        return true;
    }

    private int leader(int site) {
        int at = site;
        while (leaderBySite[at] != at) {
            at = leaderBySite[at];
        }
        return at;
    }

    /** Each group as a whole to one of {@code count} parts, the largest first, to the smallest part; by site. */
    int[] dealTo(int count) {
        int[] partByLeader = new int[leaderBySite.length];
        int[] sizes = new int[count];
        List<Integer> leaders = IntStream.range(0, leaderBySite.length)
                .filter(site -> leaderBySite[site] == site)
                .boxed()
                .sorted(Comparator.comparing(leader -> -sizeByLeader[leader]))
                .toList();
        for (int leader : leaders) {
            int least = 0;
            for (int part = 1; part < count; part++) {
                least = sizes[part] < sizes[least] ? part : least;
            }
            partByLeader[leader] = least;
            sizes[least] += sizeByLeader[leader];
        }
        return IntStream.range(0, leaderBySite.length)
                .map(site -> partByLeader[leader(site)])
                .toArray();
    }
}
