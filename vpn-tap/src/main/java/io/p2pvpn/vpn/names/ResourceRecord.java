package io.p2pvpn.vpn.names;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A resource record of class IN (RFC 1035 section 3.2).
 *
 * @param name whose it is, without a final dot
 * @param type one of the constants here
 * @param ttlSeconds how long it may be remembered
 * @param data its value as on the wire, names in it uncompressed
 */
public record ResourceRecord(String name, int type, int ttlSeconds, ByteString data) {
    /** An IPv4 address. */
    public static final int A = 1;
    /** The start of a zone. */
    public static final int SOA = 6;
    /** Another name. */
    public static final int PTR = 12;
    /** Text. */
    public static final int TXT = 16;
    /** An IPv6 address (RFC 3596). */
    public static final int AAAA = 28;
    /** Where a service is (RFC 2782). */
    public static final int SRV = 33;
    /** In questions: records of all types. */
    public static final int ANY = 255;

    private static final int LABEL_BYTES_MAX = 63;

    private static ResourceRecord of(String name, int type, int ttlSeconds, byte[] data) {
        return new ResourceRecord(name, type, ttlSeconds, ByteString.copyFrom(data));
    }

    static ResourceRecord a(String name, int ttlSeconds, int ipv4) {
        return of(name, A, ttlSeconds, ByteBuffer.allocate(4).putInt(ipv4).array());
    }

    static ResourceRecord aaaa(String name, int ttlSeconds, long high, long low) {
        return of(
                name,
                AAAA,
                ttlSeconds,
                ByteBuffer.allocate(16).putLong(high).putLong(low).array());
    }

    static ResourceRecord ptr(String name, int ttlSeconds, String target) {
        return of(name, PTR, ttlSeconds, encodeName(target));
    }

    /** Priority and weight 0: there is one host for each instance. */
    static ResourceRecord srv(String name, int ttlSeconds, int port, String target) {
        byte[] host = encodeName(target);
        byte[] data = ByteBuffer.allocate(6 + host.length)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) port)
                .put(host)
                .array();
        return of(name, SRV, ttlSeconds, data);
    }

    /** One empty string, as DNS-SD wants where there is nothing to say (RFC 6763 section 6.1). */
    static ResourceRecord emptyText(String name, int ttlSeconds) {
        return of(name, TXT, ttlSeconds, new byte[1]);
    }

    /** Nobody transfers the zone: its serial number and times, but for the last, mean nothing. */
    static ResourceRecord soa(String zone, int negativeTtlSeconds) {
        byte[] server = encodeName(zone);
        byte[] mailbox = encodeName("nobody." + zone);
        byte[] data = ByteBuffer.allocate(server.length + mailbox.length + 5 * Integer.BYTES)
                .put(server)
                .put(mailbox)
                .putInt(1)
                .putInt(3600)
                .putInt(600)
                .putInt(86_400)
                .putInt(negativeTtlSeconds)
                .array();
        return of(zone, SOA, negativeTtlSeconds, data);
    }

    /** A name of at most 63 bytes in each label, without a final dot, as on the wire. */
    static byte[] encodeName(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.split("\\.", -1)) {
            byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
            if (bytes.length == 0 || bytes.length > LABEL_BYTES_MAX) {
                throw new IllegalArgumentException("no label of a domain name: '" + label + "'");
            }
            out.write(bytes.length);
            out.writeBytes(bytes);
        }
        out.write(0);
        return out.toByteArray();
    }

    /** Its length on the wire, at most: names uncompressed. */
    public int bytesMax() {
        return name.length() + 2 + 10 + data.size();
    }
}
