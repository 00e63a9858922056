package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.data.DataPlane;
import io.p2pvpn.vpn.data.MemberRoute;
import io.p2pvpn.vpn.group.SeenNumbers;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.wire.proto.GroupPacket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Packets that go to all members over the namespace's ring: signed by the holder of their source address, since other
 * members pass them on. Confined to the node's loop.
 */
final class SignedPackets {
    /** The broadcasts that carry them. */
    static final String KIND = "packet";
    /** The most bytes of a packet: a broadcast has to hold it with its signature. */
    static final int PACKET_BYTES_MAX = 8_000;

    private static final String CONTEXT = "p2pvpn group packet v1";
    /** A packet is refused if it was sent so long ago, or is to be sent, by our clock. */
    private static final long MILLIS_MAX = 600_000;
    /** Senders whose numbers are remembered; the one silent longest gives way. */
    private static final int SENDERS_MAX = 256;
    /** Senders that are being looked up. */
    private static final int PENDING_MAX = 256;

    private static final int NUMBER_BYTES = 8;
    private static final float LOAD_FACTOR = 0.75f;

    /** Takes a packet that is from its source, for the first time. */
    interface Taker {
        /**
         * Takes it.
         *
         * @param source who sent it
         * @param kind {@link DataPlane#KIND_COMPLETE} or {@link DataPlane#KIND_PARTIAL}
         */
        void take(MemberRoute source, int kind, byte[] packet);
    }

    private final NodeRuntime runtime;
    private final Identity identity;
    private final byte[] namespaceId;
    private final PacketRoutes routes;
    private final Map<Integer, SeenNumbers> seen = new LinkedHashMap<>(16, LOAD_FACTOR, true);
    private long lastNumber;
    private int pending;

    SignedPackets(NodeRuntime runtime, Identity identity, OverlayId namespace, PacketRoutes routes) {
        this.runtime = runtime;
        this.identity = identity;
        this.namespaceId = namespace.toByteArray();
        this.routes = routes;
    }

    /**
     * Sends a packet of ours to all members.
     *
     * @param buffer virtio header and packet in its first {@code length} bytes
     */
    void send(byte[] buffer, int length) {
        boolean isWhole = VnetHeader.gsoType(buffer, 0) == VnetHeader.GSO_NONE;
        if (!isWhole || length - VnetHeader.LENGTH > PACKET_BYTES_MAX) {
            count("drop.toobig");
            return;
        }
        byte[] packet = Arrays.copyOfRange(buffer, VnetHeader.LENGTH, length);
        boolean partial = (VnetHeader.flags(buffer, 0) & VnetHeader.FLAG_NEEDS_CSUM) != 0;
        lastNumber = Math.max(lastNumber + 1, runtime.clock().epochMillis());
        byte[] message = GroupPacket.newBuilder()
                .setNumber(lastNumber)
                .setPartial(partial)
                .setPacket(ByteString.copyFrom(packet))
                .setSignature(ByteString.copyFrom(identity.sign(CONTEXT, signedPart(lastNumber, partial, packet))))
                .build()
                .toByteArray();
        count(routes.ring().broadcasts().send(KIND, message) ? "sent" : "drop.rate");
    }

    private byte[] signedPart(long number, boolean partial, byte[] packet) {
        return ByteBuffer.allocate(namespaceId.length + NUMBER_BYTES + 1 + packet.length)
                .put(namespaceId)
                .putLong(number)
                .put((byte) (partial ? 1 : 0))
                .put(packet)
                .array();
    }

    /**
     * Takes one that came.
     *
     * @param isTaken whether a packet, of which nothing is proven yet, is for hosts of ours
     */
    void open(byte[] message, Predicate<byte[]> isTaken, Taker taker) {
        GroupPacket read = parse(message);
        byte[] packet = read == null ? new byte[0] : read.getPacket().toByteArray();
        Integer source = routes.sourceOf(packet);
        if (read == null || source == null) {
            count("drop.malformed");
            return;
        }
        if (!isTaken.test(packet)) {
            return;
        }
        if (Math.abs(read.getNumber() - runtime.clock().epochMillis()) > MILLIS_MAX) {
            count("drop.old");
            return;
        }
        if (pending >= PENDING_MAX) {
            count("drop.pending");
            return;
        }
        pending++;
        Completions.whenDone(runtime.timers(), routes.directory().lease(source), (lease, failure) -> {
            pending--;
            if (failure != null || lease.isEmpty() || !isSigned(read, packet, lease.get())) {
                count("drop.source");
            } else if (!numbers(source).add(read.getNumber())) {
                count("drop.repeated");
            } else {
                count("received");
                taker.take(
                        routes.routeOf(lease.get()),
                        read.getPartial() ? DataPlane.KIND_PARTIAL : DataPlane.KIND_COMPLETE,
                        packet);
            }
        });
    }

    private boolean isSigned(GroupPacket message, byte[] packet, Lease lease) {
        byte[] signedPart = signedPart(message.getNumber(), message.getPartial(), packet);
        return lease.holder().verify(CONTEXT, signedPart, message.getSignature().toByteArray());
    }

    private SeenNumbers numbers(int source) {
        SeenNumbers numbers = seen.computeIfAbsent(source, unused -> new SeenNumbers());
        if (seen.size() > SENDERS_MAX) {
            seen.remove(seen.keySet().iterator().next());
        }
        return numbers;
    }

    private static @Nullable GroupPacket parse(byte[] message) {
        try {
            return GroupPacket.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private void count(String what) {
        runtime.counters().counter("group." + what).increment();
    }
}
