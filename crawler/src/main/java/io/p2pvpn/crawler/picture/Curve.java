package io.p2pvpn.crawler.picture;

import io.p2pvpn.crawler.picture.Drawing.Link;
import io.p2pvpn.crawler.picture.Drawing.Spot;
import java.util.List;

/** The way of a link: neighbours are joined outside of the ring, others across it, bent towards the middle. */
final class Curve {
    /** Neighbours further apart, in turns, are joined across. */
    private static final double OUTSIDE_MAX = 0.06;

    private static final double OUTSIDE_LEAST = 8;
    private static final double OUTSIDE_SHARE = 900;
    private static final double PULL = 0.35;

    private Curve() {}

    /** Adds it to the data of a path. */
    static void append(StringBuilder path, List<Spot> spots, Link link) {
        Spot one = spots.get(link.one());
        Spot other = spots.get(link.other());
        double fromX = one.x(Drawing.RADIUS);
        double fromY = one.y(Drawing.RADIUS);
        double toX = other.x(Drawing.RADIUS);
        double toY = other.y(Drawing.RADIUS);
        double apart = Math.abs(one.turn() - other.turn());
        double gap = Math.min(apart, 1 - apart);
        double bendX = Drawing.MIDDLE + ((fromX + toX) / 2 - Drawing.MIDDLE) * PULL;
        double bendY = Drawing.MIDDLE + ((fromY + toY) / 2 - Drawing.MIDDLE) * PULL;
        if (link.kind() == LinkKind.NEAR && gap <= OUTSIDE_MAX) {
            double turn = (one.turn() + other.turn()) / 2 + (apart > 0.5 ? 0.5 : 0);
            Spot half = new Spot(one.node(), turn, false);
            double radius = Drawing.RADIUS + OUTSIDE_LEAST + OUTSIDE_SHARE * gap;
            bendX = half.x(radius);
            bendY = half.y(radius);
        }
        SvgRing.number(path.append('M'), fromX);
        SvgRing.number(path.append(' '), fromY);
        SvgRing.number(path.append('Q'), bendX);
        SvgRing.number(path.append(' '), bendY);
        SvgRing.number(path.append(' '), toX);
        SvgRing.number(path.append(' '), toY);
    }
}
