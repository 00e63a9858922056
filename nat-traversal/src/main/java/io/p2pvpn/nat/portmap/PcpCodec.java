package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Messages of the Port Control Protocol, RFC 6887. Big-endian.
 *
 * <pre>
 *  request (7.1)                                  response (7.2)
 *   0  version 2                                   0  version 2
 *   1  opcode                                      1  0x80 | opcode
 *   2  reserved                                    3  result code
 *   4  requested lifetime, seconds                 4  lifetime, seconds
 *   8  client's address, 16 bytes                  8  epoch time, seconds
 *                                                 12  reserved
 *  MAP (11.1)
 *  24  nonce, 12 bytes
 *  36  protocol, 3 reserved bytes
 *  40  internal port, suggested or assigned external port
 *  44  suggested or assigned external address, 16 bytes
 * </pre>
 */
final class PcpCodec {
    /** The server's port; clients receive announcements on the one before (RFC 6887 section 19). */
    static final int PORT = 5351;

    static final int VERSION = 2;
    /** SUCCESS. */
    static final int RESULT_SUCCESS = 0;
    /** UNSUPP_VERSION. */
    static final int RESULT_VERSION = 1;

    private static final int OPCODE_ANNOUNCE = 0;
    private static final int OPCODE_MAP = 1;
    private static final int RESPONSE = 0x80;
    private static final int HEADER_BYTES = 24;
    private static final int MAP_BYTES = 60;
    /** The most that a PCP message may be (section 7). */
    private static final int MESSAGE_BYTES_MAX = 1100;

    private static final int ADDRESS_BYTES = 16;
    private static final long UNSIGNED_INT = 0xFFFF_FFFFL;
    private static final int UNSIGNED_SHORT = 0xFFFF;
    private static final String[] RESULTS = {
        "success",
        "unsupported version",
        "not authorized",
        "malformed request",
        "unsupported opcode",
        "unsupported option",
        "malformed option",
        "network failure",
        "no resources",
        "unsupported protocol",
        "user exceeded quota",
        "cannot provide that external port",
        "address mismatch: another NAT stands between",
        "excessive remote peers"
    };

    private PcpCodec() {}

    /**
     * An answer.
     *
     * @param version of the server; the other fields mean nothing unless it is {@link #VERSION}
     * @param result 0 for success
     * @param lifetimeSeconds of the mapping, or of the error
     * @param epochSeconds since the server began to remember mappings
     * @param mapping what an answer to MAP says; null for ANNOUNCE
     */
    record Reply(
            int version,
            int result,
            long lifetimeSeconds,
            long epochSeconds,
            @Nullable MapPart mapping) {}

    /**
     * The MAP part of an answer.
     *
     * @param nonce of the request
     * @param protocol number of the IP protocol
     * @param internalPort of ours
     * @param external assigned, or null if it is none that can be reached
     */
    record MapPart(
            Nonce nonce,
            int protocol,
            int internalPort,
            @Nullable Endpoint external) {}

    /** What a mapping is changed and deleted by: 96 bits that nobody else knows. */
    record Nonce(long high, int low) {}

    /** A request for a mapping; a lifetime of 0 seconds deletes it (section 15). */
    static byte[] mapRequest(
            InetAddress client, Nonce nonce, MappedPort port, @Nullable Endpoint suggested, long lifetimeSeconds) {
        byte[] bytes = new byte[MAP_BYTES];
        ByteBuffer message = header(bytes, OPCODE_MAP, lifetimeSeconds, client);
        message.putLong(nonce.high()).putInt(nonce.low());
        message.put((byte) port.protocolNumber()).put((byte) 0).putShort((short) 0);
        message.putShort((short) port.port());
        message.putShort((short) (suggested == null ? 0 : suggested.port()));
        // All zeros in the IPv4-mapped form: no address is asked for, but it should be an IPv4 one (section 11.1).
        message.put(mapped(suggested == null ? new byte[4] : suggested.addressBytes()));
        return bytes;
    }

    /** A question for the epoch only (section 14.1). */
    static byte[] announceRequest(InetAddress client) {
        byte[] bytes = new byte[HEADER_BYTES];
        var unused = header(bytes, OPCODE_ANNOUNCE, 0, client);
        return bytes;
    }

    private static ByteBuffer header(byte[] bytes, int opcode, long lifetimeSeconds, InetAddress client) {
        return ByteBuffer.wrap(bytes)
                .put((byte) VERSION)
                .put((byte) opcode)
                .putShort((short) 0)
                .putInt((int) lifetimeSeconds)
                .put(mapped(client.getAddress()));
    }

    private static byte[] mapped(byte[] address) {
        if (address.length == ADDRESS_BYTES) {
            return address;
        }
        byte[] mapped = new byte[ADDRESS_BYTES];
        mapped[10] = -1;
        mapped[11] = -1;
        System.arraycopy(address, 0, mapped, ADDRESS_BYTES - address.length, address.length);
        return mapped;
    }

    /**
     * An answer, or null if it is none. A NAT-PMP server's answer to a version it does not know (RFC 6887 appendix A)
     * is one with version 0.
     */
    static @Nullable Reply parse(byte[] bytes) {
        if (bytes.length < 4 || (bytes[1] & RESPONSE) == 0) {
            return null;
        }
        ByteBuffer message = ByteBuffer.wrap(bytes);
        int version = message.get(0);
        if (version != VERSION) {
            return new Reply(version, RESULT_VERSION, 0, 0, null);
        }
        if (bytes.length < HEADER_BYTES || bytes.length > MESSAGE_BYTES_MAX || bytes.length % 4 != 0) {
            return null;
        }
        int opcode = message.get(1) & ~RESPONSE & 0xFF;
        int result = message.get(3) & 0xFF;
        long lifetime = message.getInt(4) & UNSIGNED_INT;
        long epoch = message.getInt(8) & UNSIGNED_INT;
        if (opcode == OPCODE_ANNOUNCE) {
            return new Reply(version, result, lifetime, epoch, null);
        }
        if (opcode != OPCODE_MAP || bytes.length < MAP_BYTES) {
            return null;
        }
        Nonce nonce = new Nonce(message.getLong(HEADER_BYTES), message.getInt(HEADER_BYTES + Long.BYTES));
        int protocol = message.get(36) & 0xFF;
        int internalPort = message.getShort(40) & UNSIGNED_SHORT;
        int externalPort = message.getShort(42) & UNSIGNED_SHORT;
        byte[] address = Arrays.copyOfRange(bytes, 44, 44 + ADDRESS_BYTES);
        Endpoint external = Endpoint.of(Endpoint.Kind.UDP, address, externalPort);
        boolean usable = external != null && !external.isUnusable();
        return new Reply(
                version, result, lifetime, epoch, new MapPart(nonce, protocol, internalPort, usable ? external : null));
    }

    /** What a result code means (section 7.4). */
    static String resultText(int result) {
        return result < RESULTS.length ? RESULTS[result] : "result code " + result;
    }
}
