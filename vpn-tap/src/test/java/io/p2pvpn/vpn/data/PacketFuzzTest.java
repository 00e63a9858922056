package io.p2pvpn.vpn.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.rules.Gates;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.FakeTun;
import io.p2pvpn.vpn.tun.TunDevice;
import java.util.Arrays;

/** Whatever the host or a member sends as a packet is carried or dropped. {@code lab/fuzz} looks further. */
class PacketFuzzTest {
    private static final int OWN = 0x0a010001;
    private static final int PEER = 0x0a010002;
    private static final long ULA = 0xfd00_0000_0000_0000L;
    private static final int MTU = 1400;
    private static final int LENGTH_MAX = 65_535;
    private static final byte[] ADDRESSES = {10, 1, 0, 1, 10, 1, 0, 2};
    private static final int ADDRESSES_AT = 12;

    private final FakeRuntime runtime = new FakeRuntime();
    private final FakeTun device = new FakeTun(true);
    private final FakeTunnel tunnel = new FakeTunnel();
    private final MemberRoute route = new MemberRoute(tunnel, PEER, ULA, Gates.open());
    private final DataPlane plane = plane();

    private DataPlane plane() {
        ForwardingTable table = new ForwardingTable();
        table.put(route);
        VirtualNetwork network = new VirtualNetwork(OWN, Cidr.of4(OWN, 16), ULA, MTU);
        DataPlane made = new DataPlane(
                runtime,
                device,
                network,
                table,
                (destination, buffer, length) -> {},
                new FakeMisdirected(),
                GroupHandler.NONE);
        device.setListener(new TunDevice.Listener() {
            @Override
            public void onReadable() {
                made.onReadable();
            }

            @Override
            public void onGone() {
                throw new AssertionError("a fake stays");
            }
        });
        made.start();
        return made;
    }

    /** A virtio header and a packet, from us to the peer where it is long enough for addresses. */
    @FuzzTest
    void fromHost(byte[] bytes) {
        byte[] packet = Arrays.copyOf(bytes, Math.min(bytes.length, TunDevice.READ_BYTES_MAX));
        if (packet.length >= VnetHeader.LENGTH + ADDRESSES_AT + ADDRESSES.length) {
            System.arraycopy(ADDRESSES, 0, packet, VnetHeader.LENGTH + ADDRESSES_AT, ADDRESSES.length);
        }
        if (packet.length > 0) {
            device.queue(packet);
            device.poll();
        }
        for (FakeTunnel.Send sent : tunnel.sends) {
            assertThat(sent.segmentBytes()).isLessThanOrEqualTo(LENGTH_MAX);
        }
        tunnel.sends.clear();
        device.takeWritten();
    }

    /** Kind, traffic class, and a packet from the peer to us. */
    @FuzzTest
    void fromPeer(byte[] bytes) {
        if (bytes.length < 2) {
            return;
        }
        byte[] packet = Arrays.copyOfRange(bytes, 2, Math.min(bytes.length, LENGTH_MAX));
        if (packet.length >= ADDRESSES_AT + ADDRESSES.length) {
            System.arraycopy(ADDRESSES, 4, packet, ADDRESSES_AT, 4);
            System.arraycopy(ADDRESSES, 0, packet, ADDRESSES_AT + 4, 4);
        }
        plane.onPacket(route, bytes[0] & 3, packet, 0, packet.length, bytes[1] & 0xff);
        plane.onPacket(route, bytes[0] & 3, packet.clone(), 0, packet.length, bytes[1] & 0xff);
        plane.onBatchEnd();
        for (byte[] written : device.takeWritten()) {
            assertThat(written.length).isLessThanOrEqualTo(TunDevice.READ_BYTES_MAX);
        }
    }
}
