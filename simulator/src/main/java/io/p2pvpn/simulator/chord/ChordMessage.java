package io.p2pvpn.simulator.chord;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A request or a reply: one datagram. Nobody lies in this model, so what is read is what was written.
 *
 * @param kind what is asked for
 * @param isReply whether it answers a request
 * @param number which request
 * @param sender who sends it
 * @param target the position that a look-up is for
 * @param isFinal of a reply to {@link Kind#STEP}: the peers are the successors of the target
 * @param peers who is told of
 */
record ChordMessage(
        Kind kind,
        boolean isReply,
        long number,
        OverlayId sender,
        OverlayId target,
        boolean isFinal,
        List<ChordPeer> peers) {
    /** What can be asked for. */
    enum Kind {
        /** The members nearest before the target, or its successors. */
        STEP,
        /** The predecessor, then the successors. */
        NEIGHBOURS,
        /** That the sender may be the predecessor. */
        NOTIFY,
        /** Whether it is there. */
        FETCH
    }

    /** By their number on the wire. */
    private static final List<Kind> KINDS = List.of(Kind.STEP, Kind.NEIGHBOURS, Kind.NOTIFY, Kind.FETCH);

    private static final int ADDRESS_BYTES = 4;
    private static final int PEER_BYTES = OverlayId.BYTES + ADDRESS_BYTES + Short.BYTES;
    private static final int HEADER_BYTES = 3 + Long.BYTES + 2 * OverlayId.BYTES + 1;

    /** Keeps its own copy of the list. */
    ChordMessage {
        peers = List.copyOf(peers);
    }

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + peers.size() * PEER_BYTES);
        out.put((byte) KINDS.indexOf(kind)).put(bit(isReply)).put(bit(isFinal)).putLong(number);
        out.put(sender.toByteArray()).put(target.toByteArray()).put((byte) peers.size());
        for (ChordPeer peer : peers) {
            out.put(peer.id().toByteArray());
            out.put(peer.endpoint().address().getAddress());
            out.putShort((short) peer.endpoint().port());
        }
        return out.array();
    }

    private static byte bit(boolean set) {
        return (byte) (set ? 1 : 0);
    }

    static ChordMessage decode(byte[] bytes, int offset, int length) {
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        Kind kind = KINDS.get(in.get());
        boolean isReply = in.get() != 0;
        boolean isFinal = in.get() != 0;
        long number = in.getLong();
        OverlayId sender = id(in);
        OverlayId target = id(in);
        int count = in.get();
        List<ChordPeer> peers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            OverlayId id = id(in);
            byte[] address = new byte[ADDRESS_BYTES];
            in.get(address);
            Endpoint endpoint = Endpoint.of(Endpoint.Kind.UDP, address, in.getShort() & 0xffff);
            if (endpoint != null) {
                peers.add(new ChordPeer(id, endpoint));
            }
        }
        return new ChordMessage(kind, isReply, number, sender, target, isFinal, peers);
    }

    private static OverlayId id(ByteBuffer in) {
        byte[] bytes = new byte[OverlayId.BYTES];
        in.get(bytes);
        return OverlayId.of(bytes);
    }
}
