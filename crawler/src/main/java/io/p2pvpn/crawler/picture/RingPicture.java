package io.p2pvpn.crawler.picture;

/** Draws a ring. */
public final class RingPicture {
    private RingPicture() {}

    /** An SVG document; it follows the reader's choice between light and dark. */
    public static String svg(Topology topology) {
        return SvgRing.draw(Drawing.of(topology));
    }

    /**
     * An HTML document that needs nothing beside itself: to zoom, pan, search and walk from node to node, with a
     * pointer or a keyboard.
     */
    public static String html(Topology topology) {
        return HtmlRing.draw(Drawing.of(topology));
    }

    /** A graph for Graphviz, nodes pinned to their places: {@code neato -n -Tpdf}. */
    public static String dot(Topology topology) {
        return DotRing.draw(Drawing.of(topology));
    }
}
