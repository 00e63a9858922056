/**
 * Pictures of a whole ring: one for documents (SVG), one to walk around in (HTML), one for Graphviz (dot).
 *
 * <pre>
 * Topology (what a crawl found) -> Drawing (places, each link once) -> SvgRing, HtmlRing, DotRing
 * </pre>
 *
 * <p>What is drawn was told by other nodes: numbers of nodes and links are bounded by {@link Topology}'s constants, and
 * names are escaped, shortened, and stripped of what would change the text around them. The same topology gives the
 * same bytes.
 *
 * <p>Thread rule: functions of their arguments; everything is immutable or confined to one call.
 */
@NullMarked
package io.p2pvpn.crawler.picture;

import org.jspecify.annotations.NullMarked;
