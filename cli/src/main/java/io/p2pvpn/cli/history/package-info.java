/**
 * The history of crawls: a directory of JSON Lines that {@code p2pvpn crawl --every} appends to, and what
 * {@code p2pvpn crawl history} makes of it.
 *
 * <pre>
 *   CrawlRecorder -> HistoryWriter -> crawls-2026-11-30.jsonl -> HistoryReader -> HistorySummary -> text, JSON, SVG
 *                                     crawls-2026-11-30.2.jsonl              \-> ParquetExport (DuckDB, if it is there)
 * </pre>
 *
 * <p>The files say all; nothing is kept beside them. A line is read without being held whole, since the crawl of a
 * large ring has megabytes.
 *
 * <p>Thread rule: one thread, but for the writer, which waits for a line to be finished before it ends the process.
 */
@NullMarked
package io.p2pvpn.cli.history;

import org.jspecify.annotations.NullMarked;
