package io.p2pvpn.overlay.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.wire.proto.Control;

/** Whatever strangers and peers send is taken or dropped, and nothing else. {@code lab/fuzz} looks further. */
class FrameFuzzTest {
    private static final long MILLI_NANOS = 1_000_000L;

    private static final TestNet NET = new TestNet(1);
    private static final TestPeer OURS = new TestPeer(NET.add(1));
    private static final TestPeer PEER = new TestPeer(NET.add(2));

    private static void connect() {
        if (PEER.layer().sessions().isEmpty() || OURS.layer().sessions().isEmpty()) {
            PEER.call(OURS);
            NET.runFor(5000 * MILLI_NANOS);
        }
        assertThat(PEER.layer().sessions()).hasSize(1);
        // So that it does not lapse when many runs have made a minute.
        PEER.with(OURS).setWanted(true);
        OURS.with(PEER).setWanted(true);
        PEER.runtime().sent().clear();
        OURS.runtime().sent().clear();
    }

    /** Datagrams of a stranger: the first byte says how long the frames of the batch are. */
    @FuzzTest
    void datagrams(byte[] bytes) {
        connect();
        if (bytes.length > 1) {
            byte[] frames = bytes.clone();
            int segmentBytes = 1 + (bytes[0] & 0xff) * 4;
            OURS.layer().onFrames(PEER.runtime().address(), frames, 1, frames.length - 1, segmentBytes, 0);
            OURS.layer().onBatchEnd();
        }
        NET.runFor(MILLI_NANOS);
        assertThat(OURS.layer().sessions()).hasSize(1);
    }

    /** Control messages of a peer, sealed. */
    @FuzzTest
    void controls(byte[] bytes) {
        connect();
        try {
            PEER.with(OURS).send(Control.parseFrom(bytes));
        } catch (InvalidProtocolBufferException malformed) {
            return;
        }
        NET.runFor(20 * MILLI_NANOS);
        OURS.controls().clear();
        OURS.events().clear();
        PEER.events().clear();
    }

    /** Pieces of long messages: each behind a byte that says how long it is. */
    @FuzzTest
    void pieces(byte[] bytes) {
        Fragments fragments = new Fragments();
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes[at] & 0xff, bytes.length - at - 1);
            byte[] piece = new byte[Math.max(length, Fragments.PIECE_HEADER_BYTES)];
            System.arraycopy(bytes, at + 1, piece, 0, length);
            byte[] whole = fragments.onPiece(piece, length);
            assertThat(whole == null || whole.length <= Fragments.MESSAGE_BYTES_MAX)
                    .isTrue();
            at += 1 + length;
        }
    }
}
