package io.p2pvpn.vpn.ethernet;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any frame is taken, answered or dropped, and no answer is longer than was said. {@code lab/fuzz} looks further. */
class EthernetFuzzTest {
    private static final int MUTATIONS = 20_000;
    private static final int FRAME_BYTES_MIN = 14;
    private static final int FRAME_BYTES_MAX = 1514;

    private final TestPort port = new TestPort();
    private final int guest = port.bind(new Frames.Client(Frames.GUEST, "g"));

    @FuzzTest
    void frames(byte[] bytes) {
        if (bytes.length < FRAME_BYTES_MIN || bytes.length > FRAME_BYTES_MAX) {
            return;
        }
        port.tap.takeSent();
        for (byte[] packet : port.receive(bytes)) {
            assertThat(packet.length).isBetween(20, bytes.length - FRAME_BYTES_MIN);
        }
        for (byte[] frame : port.tap.takeSent()) {
            assertThat(frame.length).isLessThanOrEqualTo(14 + DhcpReply.BYTES_MAX);
            assertThat(Frames.source(frame)).isEqualTo(port.gateway());
        }
        assertThat(port.leased.size()).isLessThanOrEqualTo(GuestBook.GUESTS_MAX);
        port.runtime.runFor(0.5);
    }

    /** A message, as the host may receive it too. */
    @FuzzTest
    void messages(byte[] bytes) {
        DhcpMessage message = DhcpMessage.parse(bytes, 0, bytes.length);
        if (message != null) {
            assertThat(message.hostName().length()).isLessThanOrEqualTo(63);
        }
        byte[] from = {(byte) (guest >>> 24), (byte) (guest >>> 16), (byte) (guest >>> 8), (byte) guest};
        port.port.onDatagram(
                bytes, from, (buffer, at, length) -> assertThat(length).isBetween(300, DhcpReply.BYTES_MAX));
        port.runtime.runFor(0.1);
    }

    /** Without a fuzzing engine: valid frames, changed at random places. */
    @Test
    void mutations_ofValidFrames_areTakenOrDropped() {
        long seed = Long.getLong("test.seed", 29L);
        System.out.println("test.seed=" + seed);
        Random random = new Random(seed);
        Frames.Client client = new Frames.Client(Frames.OTHER_GUEST, "other");
        List<byte[]> valid = new ArrayList<>();
        valid.add(Frames.arpRequest(Frames.GUEST, guest, TestPort.MEMBER));
        valid.add(client.message(DhcpMessage.DISCOVER, 0, 0, 0));
        valid.add(client.message(DhcpMessage.REQUEST, 0, TestPort.NOBODY, TestPort.OWN));
        valid.add(Frames.frame(
                0x3333_ff00_0102L,
                Frames.GUEST,
                EthernetPart.TYPE_IPV6,
                Frames.solicitation(TestPort.ULA, guest, TestPort.ULA, TestPort.MEMBER, Frames.GUEST)));
        valid.add(Frames.frame(
                port.gateway(),
                Frames.GUEST,
                EthernetPart.TYPE_IPV4,
                Frames.ipv4(guest, TestPort.MEMBER, 17, new byte[30])));
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] frame = valid.get(random.nextInt(valid.size())).clone();
            for (int k = random.nextInt(4); k >= 0; k--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            }
            int length = random.nextInt(8) == 0 ? random.nextInt(frame.length) : frame.length;
            byte[] cut = Arrays.copyOf(frame, length);
            frames(cut);
            messages(Arrays.copyOfRange(frame, Math.min(42, frame.length), frame.length));
        }
    }
}
