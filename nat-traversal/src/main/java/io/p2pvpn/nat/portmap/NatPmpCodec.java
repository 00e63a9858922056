package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Messages of the NAT Port Mapping Protocol, RFC 6886 section 3. Big-endian.
 *
 * <pre>
 *  request                                        response
 *   0  version 0                                   0  version 0
 *   1  opcode: 0 address, 1 map UDP, 2 map TCP     1  128 + opcode
 *   2  reserved                                    2  result code
 *   4  internal port                               4  seconds since start
 *   6  suggested external port                     8  external address | internal port, mapped external port
 *   8  requested lifetime, seconds                12                   | lifetime, seconds
 * </pre>
 */
final class NatPmpCodec {
    /** The gateway's port. */
    static final int PORT = 5351;

    static final int RESULT_SUCCESS = 0;

    private static final int RESPONSE = 0x80;
    private static final int OPCODE_MAP_UDP = 1;
    private static final int OPCODE_MAP_TCP = 2;
    private static final int HEADER_BYTES = 8;
    private static final int ADDRESS_BYTES = 12;
    private static final int MAP_BYTES = 16;
    private static final int MAP_REQUEST_BYTES = 12;
    private static final int UNSIGNED_SHORT = 0xFFFF;
    private static final long UNSIGNED_INT = 0xFFFF_FFFFL;
    private static final String[] RESULTS = {
        "success", "unsupported version", "not authorized", "network failure", "out of resources", "unsupported opcode"
    };

    private NatPmpCodec() {}

    /**
     * An answer.
     *
     * @param opcode of the request
     * @param result 0 for success; else only the epoch means something beside it
     * @param epochSeconds since the gateway began to remember mappings
     * @param address external, or null if the question was another
     * @param internalPort of ours
     * @param externalPort assigned; 0 if deleted
     * @param lifetimeSeconds granted
     */
    record Reply(
            int opcode,
            int result,
            long epochSeconds,
            @Nullable InetAddress address,
            int internalPort,
            int externalPort,
            long lifetimeSeconds) {}

    /** The opcode that maps this port. */
    static int opcode(MappedPort port) {
        return port.isUdp() ? OPCODE_MAP_UDP : OPCODE_MAP_TCP;
    }

    /** A question for the external address (section 3.2). */
    static byte[] addressRequest() {
        return new byte[2];
    }

    /** A request for a mapping (section 3.3); a lifetime of 0 seconds and a port of 0 delete it (section 3.4). */
    static byte[] mapRequest(MappedPort port, int suggestedPort, long lifetimeSeconds) {
        return ByteBuffer.allocate(MAP_REQUEST_BYTES)
                .put((byte) 0)
                .put((byte) opcode(port))
                .putShort((short) 0)
                .putShort((short) port.port())
                .putShort((short) suggestedPort)
                .putInt((int) lifetimeSeconds)
                .array();
    }

    /** An answer, or null if it is none. */
    static @Nullable Reply parse(byte[] bytes) {
        if (bytes.length < HEADER_BYTES || bytes.length > MAP_BYTES || bytes[0] != 0 || (bytes[1] & RESPONSE) == 0) {
            return null;
        }
        ByteBuffer message = ByteBuffer.wrap(bytes);
        int opcode = bytes[1] & 0x7F;
        int result = message.getShort(2) & UNSIGNED_SHORT;
        long epoch = message.getInt(4) & UNSIGNED_INT;
        if (result != RESULT_SUCCESS) {
            return new Reply(opcode, result, epoch, null, 0, 0, 0);
        }
        if (opcode == 0 && bytes.length == ADDRESS_BYTES) {
            InetAddress address = Ipv4Text.address(Arrays.copyOfRange(bytes, HEADER_BYTES, ADDRESS_BYTES));
            return new Reply(opcode, result, epoch, address, 0, 0, 0);
        }
        if ((opcode == OPCODE_MAP_UDP || opcode == OPCODE_MAP_TCP) && bytes.length == MAP_BYTES) {
            return new Reply(
                    opcode,
                    result,
                    epoch,
                    null,
                    message.getShort(8) & UNSIGNED_SHORT,
                    message.getShort(10) & UNSIGNED_SHORT,
                    message.getInt(12) & UNSIGNED_INT);
        }
        return null;
    }

    /** The endpoint of an external address and port, or null if nobody can be reached there. */
    static @Nullable Endpoint external(MappedPort port, InetAddress address, int externalPort) {
        Endpoint external = Endpoint.of(port.kind(), address.getAddress(), externalPort);
        return external == null || external.isUnusable() ? null : external;
    }

    /** What a result code means (section 3.5). */
    static String resultText(int result) {
        return result < RESULTS.length ? RESULTS[result] : "result code " + result;
    }
}
