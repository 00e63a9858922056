package io.p2pvpn.vpn.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn dht}.
 *
 * @param namespace whose DHT, null for the public one
 * @param key 40 hex digits; null for a dump
 * @param answered of a look-up: how many of the eight positions answered; else null
 * @param conclusive whether a majority of them did, so that what is not listed is not there
 * @param records what was put, found, or is kept here
 */
public record DhtReport(
        @Nullable String namespace,
        @Nullable String key,
        @Nullable Integer answered,
        boolean conclusive,
        List<DhtEntry> records) {
    /**
     * One record.
     *
     * @param key 40 hex digits
     * @param owner public overlay ID of who signed it
     * @param kind {@code plain} or {@code claim}
     * @param state {@code live}, {@code tentative} (a claim not held yet) or {@code removed}
     * @param sequence the owner's number
     * @param ttlSeconds how long it lives after its owner last renewed it
     * @param value as text, null when it is none
     * @param valueHex the same bytes in hex digits
     */
    public record DhtEntry(
            String key,
            String owner,
            String kind,
            String state,
            long sequence,
            int ttlSeconds,
            @Nullable String value,
            String valueHex) {}
}
