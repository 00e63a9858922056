package io.p2pvpn.crawler.mapreduce;

/**
 * What a run came to. Immutable.
 *
 * @param value the answers, put together; empty if nobody answered
 * @param coverage what it is about
 * @param nanos how long it took
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a value
public record TaskReport(byte[] value, Coverage coverage, long nanos) {}
