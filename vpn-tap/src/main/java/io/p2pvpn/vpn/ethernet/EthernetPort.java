package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.tun.TapDevice;
import io.p2pvpn.vpn.tun.TunDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A TAP device of a namespace: the device for the data plane, and all that an Ethernet needs. Confined to the loop. */
public final class EthernetPort {
    /**
     * A guest, as it is shown.
     *
     * @param hostName as it says, or empty
     */
    public record GuestView(String mac, int ipv4, String hostName) {}

    private final NodeRuntime runtime;
    private final TapDevice tap;
    private final EthernetSettings settings;
    private final EthernetShare share;
    private final TunDevice device;
    private final AddressAnswers answers;
    private final GuestBook book;
    private final DhcpService dhcp;
    private final LoopGuard guard;
    private final Consumer<String> onNotice;
    private final byte[] header = new byte[TapDevice.HEADER_BYTES];
    private final Timers.Timer tick;
    private TapDevice.Port port = TapDevice.Port.ALONE;
    private LoopGuard.@Nullable Reason toldReason;
    private boolean toldOther;
    private boolean closed;

    /**
     * Begins.
     *
     * @param tap whose hardware address is that of the settings
     * @param queueCounters of the queues that have the other parts of it, in their order
     * @param names whether names are answered at our own address
     * @param onNotice takes a line for people
     */
    public EthernetPort(
            NodeRuntime runtime,
            TapDevice tap,
            List<Counters> queueCounters,
            EthernetSettings settings,
            AddressResolver resolver,
            GuestLeases leases,
            Supplier<NameService> names,
            Consumer<String> onNotice) {
        this.runtime = runtime;
        this.tap = tap;
        this.settings = settings;
        this.onNotice = onNotice;
        long mac = settings.gatewayMac();
        share = new EthernetShare(
                runtime.timers(),
                new Control(),
                new Neighbours(
                        settings.ipv4(),
                        settings.prefix(),
                        settings.ulaHigh(),
                        mac,
                        MacAddress.of(settings.deviceMac())));
        List<TunDevice> others = new ArrayList<>();
        List<TunDevice> parts = tap.queues();
        for (int i = 0; i < Math.min(parts.size(), queueCounters.size()); i++) {
            if (parts.get(i) instanceof TapDevice part) {
                others.add(new EthernetPart(part, share, queueCounters.get(i), List.of()));
            }
        }
        device = new EthernetPart(tap, share, runtime.counters(), others);
        answers = new AddressAnswers(runtime, share, resolver, this::send);
        book = new GuestBook(runtime, share, leases, new GuestStore(runtime, settings.file()), onNotice);
        dhcp = new DhcpService(runtime, share, book, this::send, settings, names);
        guard = new LoopGuard(runtime, share, this::send, settings.namespaceId(), settings.self());
        tap.setPortListener(this::onPort);
        book.restore();
        guard.onTick();
        tick = runtime.timers().everySecond(this::onTick);
    }

    /** For the data plane. */
    public TunDevice device() {
        return device;
    }

    private final class Control implements EthernetShare.Control {
        @Override
        public void onControl(byte[] frameHeader, byte[] buffer, int length) {
            if (closed) {
                return;
            }
            long source = MacAddress.get(frameHeader, 6);
            switch (BigEndian.getShort(frameHeader, 12)) {
                case EthernetPart.TYPE_ARP -> answers.onArp(source, buffer, length);
                case EthernetPart.TYPE_IPV6 -> answers.onSolicitation(source, buffer, length);
                case EthernetPart.TYPE_IPV4 -> dhcp.onPacket(source, buffer, length);
                default -> guard.onBeacon(buffer, length);
            }
            tell();
        }

        @Override
        public void onOwnFrame() {
            guard.onOwnFrame();
            tell();
        }
    }

    private void send(long destination, int type, byte[] buffer, int length) {
        if (closed || share.isQuiet()) {
            return;
        }
        MacAddress.put(header, 0, destination);
        MacAddress.put(header, 6, share.neighbours().gatewayMac());
        BigEndian.putShort(header, 12, type);
        if (!tap.write(header, buffer, 0, length)) {
            runtime.counters().counter("ethernet.drop.device").increment();
        }
    }

    private void onPort(TapDevice.Port now) {
        port = now;
        share.publish(share.neighbours().withHostMac(now.hostMac()));
    }

    private void onTick() {
        guard.onTick();
        book.onTick();
        tell();
    }

    private void tell() {
        LoopGuard.Reason reason = guard.reason();
        if (reason != toldReason) {
            toldReason = reason;
            String text = trouble();
            onNotice.accept(text == null ? "the device " + tap.name() + " works again" : text);
        }
        boolean other = dhcp.isOtherServerHere();
        if (other && !toldOther) {
            onNotice.accept(otherServerText());
        }
        toldOther = other;
    }

    private String otherServerText() {
        return "another DHCP server answers on the Ethernet of " + tap.name()
                + ": new machines there get no address of this namespace; take that server, or the device, off the"
                + " bridge";
    }

    /**
     * A message to our own address at the DHCP port, which the host has received: a client that renews or releases.
     *
     * @param from its sender's IPv4 address
     * @param way takes what is to be sent back, behind IPv4 and UDP headers: buffer, offset and length of the message
     */
    public void onDatagram(byte[] message, byte[] from, DatagramWay way) {
        boolean ofGuest = from.length == Integer.BYTES && isGuest(BigEndian.getInt(from, 0));
        if (!ofGuest) {
            runtime.counters().counter("ethernet.drop.source").increment();
        } else if (!closed && !share.isQuiet()) {
            dhcp.onMessage(
                    0,
                    message,
                    0,
                    message.length,
                    (packet, length, toIp, toMac) ->
                            way.send(packet, DhcpReply.HEADERS_BYTES, length - DhcpReply.HEADERS_BYTES));
        }
    }

    /** Sends a datagram back to where one came from. */
    public interface DatagramWay {
        /** Its content is valid during the call. */
        void send(byte[] buffer, int offset, int length);
    }

    // ------------------------------------------------------------------------ facts

    /** What is wrong, for people; null if nothing is. */
    public @Nullable String trouble() {
        LoopGuard.Reason reason = guard.reason();
        if (reason == LoopGuard.Reason.LOOP) {
            return "what " + tap.name() + " sends comes back to it, so it is quiet: there is a loop in its bridge;"
                    + " take one of the links away, or switch the spanning tree on (ip link set BRIDGE type bridge"
                    + " stp_state 1)";
        }
        if (reason == LoopGuard.Reason.ANOTHER_MEMBER) {
            return "another member of the namespace has its device on the same Ethernet as " + tap.name()
                    + ", so this one is quiet: one node serves all machines there; take one of the two off the bridge";
        }
        return dhcp.isOtherServerHere() ? otherServerText() : null;
    }

    /** Behind which all other members are. */
    public String mac() {
        return MacAddress.text(settings.gatewayMac());
    }

    /** The bridge that the device is a port of, or null. */
    public @Nullable String bridge() {
        return port.bridge();
    }

    /** True while nothing goes in or out. */
    public boolean isQuiet() {
        return share.isQuiet();
    }

    /** Machines behind the device that have an address. */
    public List<GuestView> guests() {
        List<GuestView> views = new ArrayList<>();
        book.bound()
                .forEach(guest ->
                        views.add(new GuestView(MacAddress.text(guest.mac()), guest.ipv4(), guest.hostName())));
        return views;
    }

    /** Whether the address is that of a machine behind the device. */
    public boolean isGuest(int ipv4) {
        return share.neighbours().isGuest(ipv4);
    }

    /** Ends; the device is closed by its owner. */
    public void close() {
        closed = true;
        tick.cancel();
        book.close();
    }
}
