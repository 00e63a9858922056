package io.p2pvpn.vpn.packet;

/**
 * Merges received packets of one flow that follow each other into super-packets for the device: the way back of {@link
 * Segmenter}.
 *
 * <p>TCP packets merge when they continue the sequence with the same headers but length, identification and checksum;
 * UDP packets when they have the same headers and size and the device cuts UDP. A shorter packet, PSH or FIN ends a
 * run. Packets with a complete checksum are left alone, since a merged packet would hide that it was wrong. Order
 * within a flow is kept. A run lives in one of a few slots until it ends, a packet of its flow does not fit it, its
 * slot is needed, or {@link #flush}.
 *
 * <p>Confined to one thread.
 */
public final class Coalescer {
    /** Takes what is ready for the device. */
    public interface Writer {
        /**
         * One virtio header and packet; the array is valid during the call only.
         *
         * @param packets how many received packets it holds
         */
        void write(byte[] buffer, int offset, int length, int packets);
    }

    /** Flows that can be gathered at the same time. */
    static final int SLOTS = 8;

    private final Writer writer;
    private final boolean partialAllowed;
    private final boolean udpMerged;
    private final byte[] alone = new byte[VnetHeader.LENGTH + IpPacket.LENGTH_MAX];
    // The first `used` slots hold runs, the oldest first.
    private final CoalescerRun[] slots = new CoalescerRun[SLOTS];
    private int used;

    /**
     * A coalescer without runs.
     *
     * @param partialAllowed whether the device takes partial checksums and TCP super-packets; otherwise checksums are
     *     completed here and nothing is merged
     * @param udpMerged whether the device takes UDP super-packets too
     */
    public Coalescer(Writer writer, boolean partialAllowed, boolean udpMerged) {
        this.writer = writer;
        this.partialAllowed = partialAllowed;
        this.udpMerged = partialAllowed && udpMerged;
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = new CoalescerRun();
        }
    }

    /**
     * Takes one packet.
     *
     * @param packet the parsed headers of the packet in {@code buffer}
     * @param partial whether its TCP or UDP checksum is partial
     * @return false when that cannot be, as there is no TCP or UDP header: the packet was not taken
     */
    public boolean add(byte[] buffer, IpPacket packet, boolean partial) {
        if (packet.transportHeaderLength() == 0) {
            if (!partial) {
                writeAlone(buffer, packet, false);
            }
            return !partial;
        }
        boolean mergeable = partial && partialAllowed && isMergeable(buffer, packet);
        int slot = find(buffer, packet);
        if (slot >= 0) {
            CoalescerRun run = slots[slot];
            if (mergeable && run.append(buffer, packet)) {
                if (run.isEnded()) {
                    flushSlot(slot);
                }
                return true;
            }
            flushSlot(slot);
        }
        if (!mergeable || endsRun(buffer, packet)) {
            writeAlone(buffer, packet, partial);
        } else {
            if (used == SLOTS) {
                flushSlot(0);
            }
            slots[used++].start(buffer, packet);
        }
        return true;
    }

    /** Writes all runs, the oldest first. */
    public void flush() {
        for (int i = 0; i < used; i++) {
            slots[i].writeTo(writer);
        }
        used = 0;
    }

    private boolean isMergeable(byte[] buffer, IpPacket packet) {
        int plainHeader = packet.version() == 4 ? IpPacket.IPV4_HEADER_LENGTH : IpPacket.IPV6_HEADER_LENGTH;
        if (packet.transportOffset() - packet.offset() != plainHeader || packet.payloadLength() == 0) {
            return false;
        }
        if (packet.protocol() == IpPacket.PROTOCOL_UDP) {
            return udpMerged;
        }
        int flags = BigEndian.getByte(buffer, packet.transportOffset() + IpPacket.TCP_FLAGS_OFFSET);
        return (flags & ~(IpPacket.TCP_FLAG_PSH | IpPacket.TCP_FLAG_FIN | IpPacket.TCP_FLAG_ECE))
                == IpPacket.TCP_FLAG_ACK;
    }

    static boolean endsRun(byte[] buffer, IpPacket packet) {
        return packet.protocol() == IpPacket.PROTOCOL_TCP
                && (buffer[packet.transportOffset() + IpPacket.TCP_FLAGS_OFFSET]
                                & (IpPacket.TCP_FLAG_PSH | IpPacket.TCP_FLAG_FIN))
                        != 0;
    }

    private int find(byte[] buffer, IpPacket packet) {
        int ports = BigEndian.getInt(buffer, packet.transportOffset());
        for (int i = 0; i < used; i++) {
            if (slots[i].isSameFlow(packet, ports)) {
                return i;
            }
        }
        return -1;
    }

    private void flushSlot(int slot) {
        CoalescerRun run = slots[slot];
        run.writeTo(writer);
        used--;
        System.arraycopy(slots, slot + 1, slots, slot, used - slot);
        slots[used] = run;
    }

    private void writeAlone(byte[] buffer, IpPacket packet, boolean partial) {
        int length = packet.length();
        int at = VnetHeader.LENGTH;
        System.arraycopy(buffer, packet.offset(), alone, at, length);
        int transport = packet.transportOffset() - packet.offset();
        if (partial && partialAllowed) {
            VnetHeader.writePartial(alone, 0, transport, packet.checksumOffset());
        } else {
            VnetHeader.clear(alone, 0);
            if (partial) {
                Checksum.complete(alone, at + transport, at + length, at + transport + packet.checksumOffset());
            }
        }
        writer.write(alone, 0, at + length, 1);
    }
}
