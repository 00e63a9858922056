package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Works on one key of a DHT.
 *
 * @param operation what to do
 * @param namespace whose DHT, null for the public one
 * @param key a text, or 40 hex digits for a key as it is on the ring; null for {@link Operation#DUMP}
 * @param value of a put or a claim, as text; null otherwise
 * @param ttlSeconds how long the record outlives this node; 0 where nothing is put
 */
public record DhtRequest(
        Operation operation,
        @Nullable String namespace,
        @Nullable String key,
        @Nullable String value,
        int ttlSeconds) {
    /** What can be done. */
    public enum Operation {
        /** Puts our record beside those of others, and keeps it alive. */
        PUT,
        /** Takes the key for us alone, and keeps it. */
        CLAIM,
        /** Looks the key up. */
        GET,
        /** Removes what we put or claimed. */
        REMOVE,
        /** Lists what this node keeps for others, of all keys. */
        DUMP
    }
}
