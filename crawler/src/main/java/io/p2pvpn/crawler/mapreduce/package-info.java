/**
 * Map-reduce over a ring (docs/protocol.md, section 6.12): a task is run at every member of an arc, and the answers are
 * put together on their way back up the tree in which the task went out.
 *
 * <pre>
 *   MapReduce        what callers use; takes what peers hand over and send back
 *    |-- TaskRun     the caller's side: one or two trees, parts that were too large asked for again
 *    |-- Share       what one member does: its own map, its children's parts, reduce, the deadline
 *    |    '-- Part   what was handed to one child, and what came back
 *    |-- Trees       who gets which part (pure)
 *    |-- ResultPost  sends an answer in pieces
 *    '-- TaskRates, TaskHistory   limits, and what came before
 * </pre>
 *
 * <p>No code travels: a task is named, and runs only where a program has installed one of that name
 * ({@link io.p2pvpn.crawler.mapreduce.MapReduceTask}).
 *
 * <p>Thread rule: everything here is confined to the node's loop, unless it says that it is immutable.
 */
@NullMarked
package io.p2pvpn.crawler.mapreduce;

import org.jspecify.annotations.NullMarked;
