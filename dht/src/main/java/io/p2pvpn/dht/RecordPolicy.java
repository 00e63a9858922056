package io.p2pvpn.dht;

/** Who may put what: a private ring looks at the credential, the public ring takes everything. */
@FunctionalInterface
public interface RecordPolicy {
    /** Whether the record, whose signature is good, is stored and believed. Must not have side effects. */
    boolean accepts(DhtRecord record);

    /** Takes every record. */
    static RecordPolicy acceptAll() {
        return record -> true;
    }
}
