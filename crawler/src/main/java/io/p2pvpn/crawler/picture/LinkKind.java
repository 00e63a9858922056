package io.p2pvpn.crawler.picture;

/** What a link is for; of a link that is several things, the first is drawn. */
enum LinkKind {
    /** Ring neighbours. */
    NEAR(0, "near", ""),
    /** Small-world shortcut. */
    FAR(1, "far", ""),
    /** Made on demand. */
    CHOTA(2, "on demand", "6 3"),
    /** Over another node. */
    RELAYED(3, "relayed", "2 3"),
    /** Should be there and is not. */
    MISSING(4, "missing", "1 4");

    private final int number;
    private final String words;
    private final String dashes;

    LinkKind(int number, String words, String dashes) {
        this.number = number;
        this.words = words;
        this.dashes = dashes;
    }

    /** In the data of a page, and in the order of drawing: from 0, as they are declared. */
    int number() {
        return number;
    }

    /** In the legend. */
    String words() {
        return words;
    }

    /** Of the stroke; empty for an unbroken one. */
    String dashes() {
        return dashes;
    }

    /** In style sheets. */
    String style() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
