package io.p2pvpn.simulator.scenario;

import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.plot.Chart;
import io.p2pvpn.simulator.plot.Chart.Series;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a world looks like at one moment. */
final class Pictures {
    /** With more members than that, a picture of the ring is a disc. */
    static final int RING_MEMBERS_MAX = 200;

    private static final int CIRCLE_POINTS = 360;
    private static final double HALF_TURN = 0.5;

    private Pictures() {}

    /** The members on their ring, the position 0 at the top and clockwise from there, and the links between them. */
    static Chart ring(List<Member> members) {
        Series circle = Series.line("ring");
        for (int i = 0; i <= CIRCLE_POINTS; i++) {
            addPlace(circle, i / (double) CIRCLE_POINTS);
        }
        Series near = Series.strokes("other links");
        Series far = Series.strokes("far links");
        Series places = Series.dots("members");
        Set<String> farLinks = new TreeSet<>();
        for (Member member : members) {
            member.farLinks().members().forEach(id -> farLinks.add(link(member.id(), id)));
        }
        for (Member member : members) {
            OverlayId self = member.id();
            for (RingPeer peer : member.node().publicRing().peers()) {
                if (self.compareTo(peer.id()) < 0) {
                    Series strokes = farLinks.contains(link(self, peer.id())) ? far : near;
                    addPlace(strokes, fraction(self));
                    addPlace(strokes, fraction(peer.id()));
                }
            }
            addPlace(places, fraction(self));
        }
        return new Chart("The ring and its links", "position 0 is at the top", "")
                .add(circle)
                .add(near)
                .add(far)
                .add(places);
    }

    /** Where the members have placed themselves: the first two dimensions, moved so that none is negative. */
    static Chart coordinates(List<Member> members) {
        double leastX = 0;
        double leastY = 0;
        for (Member member : members) {
            Coordinate place = member.node().sessions().coordinates().own();
            leastX = place == null ? leastX : Math.min(leastX, place.core(0));
            leastY = place == null ? leastY : Math.min(leastY, place.core(1));
        }
        Series places = Series.dots("members");
        for (Member member : members) {
            Coordinate place = member.node().sessions().coordinates().own();
            if (place != null) {
                places.add(place.core(0) - leastX, place.core(1) - leastY);
            }
        }
        return new Chart("Coordinates, without their heights", "ms", "ms").add(places);
    }

    /** Which share of the members has at most so many, or so much. */
    static Chart spread(String title, String label, Samples samples) {
        return new Chart(title, label, "share of the members").add(samples.shares("all"));
    }

    /** The same for both of its ends. */
    private static String link(OverlayId one, OverlayId other) {
        return one.compareTo(other) < 0 ? one + " " + other : other + " " + one;
    }

    private static double fraction(OverlayId id) {
        return OverlayId.ZERO.clockwiseFractionTo(id);
    }

    private static void addPlace(Series series, double fraction) {
        double angle = fraction / HALF_TURN * Math.PI;
        series.add(1 + Math.sin(angle), 1 + Math.cos(angle));
    }
}
