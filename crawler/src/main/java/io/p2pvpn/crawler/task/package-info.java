/**
 * The tasks that every node has installed, and the consistency of a ring.
 *
 * <p>Thread rule: everything here is confined to the node's loop, unless it says that it is immutable or made of pure
 * functions.
 */
@NullMarked
package io.p2pvpn.crawler.task;

import org.jspecify.annotations.NullMarked;
