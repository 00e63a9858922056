package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TunDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** A port with a device in memory, in a namespace that a test makes up. */
final class TestPort implements AddressResolver, GuestLeases {
    static final int OWN = 0x0a07_0005;
    static final int MEMBER = 0x0a07_0102;
    static final long ULA = 0xfd00_0000_0000_0007L;
    static final int NOBODY = 0x0a07_0909;
    static final int MTU = 1400;

    final PortRuntime runtime;
    final FakeTap tap = new FakeTap();
    final List<String> notices = new ArrayList<>();
    /** Addresses of others, found by a look-up. */
    final TreeSet<Integer> held = new TreeSet<>(List.of(MEMBER));
    /** Addresses to which there is a way. */
    final TreeSet<Integer> known = new TreeSet<>();
    /** What guests have: by address, what to run when it is lost. */
    final TreeMap<Integer, Runnable> leased = new TreeMap<>();

    int lookUps;
    int takes;
    NameService names = NameService.HERE;
    boolean fails;
    final EthernetSettings settings;
    final EthernetPort port;
    private final byte[] buffer = new byte[TunDevice.READ_BYTES_MAX];

    TestPort() {
        this(new PortRuntime(), 7);
    }

    /** @param self the place of the member; each has another */
    TestPort(PortRuntime runtime, int self) {
        this.runtime = runtime;
        settings = new EthernetSettings(
                OWN, Cidr.of4(OWN, 16), ULA, id(1), id(self), MTU, "lab.p2pvpn.internal", "guests/lab");
        port = new EthernetPort(runtime, tap, List.of(), settings, this, this, () -> names, notices::add);
        tap.takeSent();
    }

    private static OverlayId id(int number) {
        byte[] bytes = new byte[20];
        bytes[0] = (byte) number;
        return OverlayId.of(bytes);
    }

    long gateway() {
        return settings.gatewayMac();
    }

    long host() {
        return MacAddress.of(settings.deviceMac());
    }

    /** A frame comes, and all that follows at once happens; the packets that the data plane gets. */
    List<byte[]> receive(byte[] frame) {
        tap.queue(frame);
        List<byte[]> packets = new ArrayList<>();
        for (int bytes = port.device().read(buffer);
                bytes > 0;
                bytes = port.device().read(buffer)) {
            packets.add(Arrays.copyOfRange(buffer, VnetHeader.LENGTH, bytes));
        }
        runtime.runFor(0.001);
        return packets;
    }

    /** The data plane sends that packet; the frame, or null if none was sent. */
    byte[] send(byte[] packet) {
        byte[] withHeader = new byte[VnetHeader.LENGTH + packet.length];
        System.arraycopy(packet, 0, withHeader, VnetHeader.LENGTH, packet.length);
        boolean taken = port.device().write(withHeader, 0, withHeader.length);
        List<byte[]> frames = tap.takeSent();
        return taken && frames.size() == 1 ? frames.get(0) : new byte[0];
    }

    /** The frame by which a client's message is answered; empty if by none. */
    byte[] ask(Frames.Client client, int type, int ciaddr, int requested, int server) {
        tap.takeSent();
        receive(client.message(type, ciaddr, requested, server));
        return tap.takeSent().stream()
                .filter(frame -> BigEndian.getShort(frame, 12) == EthernetPart.TYPE_IPV4)
                .findFirst()
                .orElse(new byte[0]);
    }

    /** Gives the client its address. */
    int bind(Frames.Client client) {
        int address = Frames.yourIp(ask(client, DhcpMessage.DISCOVER, 0, 0, 0));
        var unused = ask(client, DhcpMessage.REQUEST, 0, address, OWN);
        return address;
    }

    @Override
    public boolean isKnown(int ipv4) {
        return known.contains(ipv4);
    }

    @Override
    public CompletableFuture<Boolean> isHeldByAnother(int ipv4) {
        lookUps++;
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        runtime.schedule(0, () -> answer.complete(held.contains(ipv4)));
        return answer;
    }

    @Override
    public CompletableFuture<Boolean> take(int ipv4, String hostName, Runnable onLost) {
        takes++;
        if (fails) {
            return CompletableFuture.failedFuture(new IllegalStateException("no replicas"));
        }
        if (held.contains(ipv4)) {
            return CompletableFuture.completedFuture(false);
        }
        leased.put(ipv4, onLost);
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public void release(int ipv4, String hostName) {
        leased.remove(ipv4);
    }
}
