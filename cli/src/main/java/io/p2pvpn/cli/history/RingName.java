package io.p2pvpn.cli.history;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Which ring was crawled. The public one has no name, and neither has one of a crawl that failed before it was known.
 *
 * @param namespace its namespace, or null
 * @param publicRing whether it is the public one
 */
record RingName(@Nullable String namespace, boolean publicRing) implements Comparable<RingName> {
    /** Of a crawl that failed. */
    static final RingName UNKNOWN = new RingName(null, false);

    private static final Comparator<RingName> ORDER = Comparator.comparing(RingName::publicRing)
            .thenComparing(RingName::namespace, Comparator.nullsLast(Comparator.naturalOrder()));

    @Override
    public int compareTo(RingName other) {
        return ORDER.compare(this, other);
    }

    /** For people. */
    @Override
    public String toString() {
        if (publicRing) {
            return "public ring";
        }
        return namespace == null ? "no ring" : namespace;
    }
}
