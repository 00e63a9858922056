/**
 * Walks over all members of a ring, says how far they agree who is beside whom, who is missing, and why a link is.
 *
 * <pre>
 *   Crawler              what callers use; one per node
 *    |-- mapreduce       runs a task at all members, as a tree
 *    |-- task            what is run: neighbour lists, consistency, counts
 *    |-- SequentialCrawl the same from neighbour to neighbour
 *    '-- Investigator    what keeps two members from agreeing
 * </pre>
 *
 * <p>Thread rule: everything here is confined to the node's loop, unless it says that it is immutable.
 */
@NullMarked
package io.p2pvpn.crawler;

import org.jspecify.annotations.NullMarked;
