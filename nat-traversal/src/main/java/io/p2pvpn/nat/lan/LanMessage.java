package io.p2pvpn.nat.lan;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What nodes on one link tell each other. It names no identity and no namespace: whoever listens on the link learns
 * that a node is there, and nothing else that stays the same when it starts again.
 *
 * @param kind what is said
 * @param instance drawn at random at each start: whose messages are one node's, and which are our own
 * @param udpPort where its sessions are, 1 to 65535, or 0 for nowhere
 * @param tcpPort the same for TCP
 */
record LanMessage(Kind kind, long instance, int udpPort, int tcpPort) {
    /** Its length; what follows in a longer one is of a later version. */
    static final int BYTES = 20;
    /** ASCII {@code p2pv}: others may use the group as well. */
    static final int MAGIC = 0x70327076;
    /** The only version so far; messages of another are dropped. */
    static final int VERSION = 1;

    /** What is said. */
    enum Kind {
        /** I am in no ring: who is? */
        ASKING(0),
        /** I am in a ring: I can be called. */
        IN_RING(1);

        private final int wireId;

        Kind(int wireId) {
            this.wireId = wireId;
        }

        static @Nullable Kind ofWireId(int wireId) {
            return wireId == 0 ? ASKING : wireId == 1 ? IN_RING : null;
        }
    }

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putInt(MAGIC)
                .put((byte) VERSION)
                .put((byte) kind.wireId)
                .putShort((short) 0)
                .putLong(instance)
                .putShort((short) udpPort)
                .putShort((short) tcpPort)
                .array();
    }

    /** The message, or null if it is none. */
    static @Nullable LanMessage decode(byte[] bytes) {
        if (bytes.length < BYTES) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int magic = in.getInt();
        int version = in.get();
        Kind kind = Kind.ofWireId(in.get());
        // Two bytes without a meaning yet.
        in.getShort();
        if (magic != MAGIC || version != VERSION || kind == null) {
            return null;
        }
        long instance = in.getLong();
        return new LanMessage(kind, instance, Short.toUnsignedInt(in.getShort()), Short.toUnsignedInt(in.getShort()));
    }
}
