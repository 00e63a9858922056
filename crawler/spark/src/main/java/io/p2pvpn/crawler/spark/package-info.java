/**
 * Histories of crawls that outgrow one machine, as a Spark job: the figures of {@code p2pvpn crawl history}, from any
 * number of files in any file system that Hadoop knows.
 *
 * <p>It shares nothing with the other modules but the lines that {@code p2pvpn crawl --every} writes
 * (docs/operations.md, "A history of crawls"), and is part of the build with {@code -Pspark} only.
 *
 * <p>Thread rule: the driver's one thread; Spark runs the rest.
 */
@NullMarked
package io.p2pvpn.crawler.spark;

import org.jspecify.annotations.NullMarked;
