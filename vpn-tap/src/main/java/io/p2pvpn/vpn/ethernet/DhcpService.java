package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.data.TokenBucket;
import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives guests their addresses (RFC 2131 section 4.3): those of this device only, and none while another server does
 * that on the same Ethernet. Confined to the loop.
 */
final class DhcpService {
    /** A server that has been seen is expected to be there for so long. */
    static final long OTHER_SERVER_NANOS = 600_000_000_000L;
    /** Soon after the half of the lease at which a client asks the server, it asks all. */
    static final int RENEW_SECONDS = GuestBook.LEASE_SECONDS / 2;

    static final int REBIND_SECONDS = RENEW_SECONDS + 60;

    /** So long a client is not answered before it is known whether it can be told where to ask for names. */
    static final long SETTLE_NANOS = 5_000_000_000L;

    private static final long MESSAGE_NANOS = 50_000_000L;
    private static final int MESSAGE_BURST = 60;
    private static final int IPV4_HEADER_BYTES = 20;
    private static final int UDP_HEADER_BYTES = 8;
    private static final int FRAGMENT_MASK = 0x3fff;
    private static final int ALL = -1;

    /** Where an answer goes that is not sent in a frame. */
    interface Way {
        /** Sends IPv4 header, UDP header and message. */
        void send(byte[] packet, int length, int toIp, long toMac);
    }

    private final NodeRuntime runtime;
    private final EthernetShare share;
    private final GuestBook book;
    private final FrameSender sender;
    private final EthernetSettings settings;
    private final Supplier<NameService> names;
    private final TokenBucket messages;
    private final DhcpReply reply = new DhcpReply();
    private final byte[] frame = new byte[VnetHeader.LENGTH + DhcpReply.BYTES_MAX];
    private final Counter answered;
    private final Counter dropMalformed;
    private final Counter dropRate;
    private final Counter dropFull;
    private final Counter dropOther;
    private final long startedNanos;
    private boolean otherServer;
    private long otherServerNanos;

    /** @param names whether this node answers questions about names at its own address */
    DhcpService(
            NodeRuntime runtime,
            EthernetShare share,
            GuestBook book,
            FrameSender sender,
            EthernetSettings settings,
            Supplier<NameService> names) {
        this.runtime = runtime;
        this.share = share;
        this.book = book;
        this.sender = sender;
        this.settings = settings;
        this.names = names;
        this.startedNanos = runtime.clock().nanoTime();
        this.messages =
                new TokenBucket(MESSAGE_NANOS, MESSAGE_BURST, runtime.clock().nanoTime());
        answered = runtime.counters().counter("ethernet.dhcp.answered");
        dropMalformed = runtime.counters().counter("ethernet.drop.malformed");
        dropRate = runtime.counters().counter("ethernet.drop.dhcp-rate");
        dropFull = runtime.counters().counter("ethernet.drop.dhcp-full");
        dropOther = runtime.counters().counter("ethernet.drop.dhcp-other");
    }

    /** An IPv4 packet with a datagram to a server, or of one, from that station. */
    void onPacket(long from, byte[] buffer, int length) {
        int ip = VnetHeader.LENGTH;
        int header = (buffer[ip] & 0xf) * 4;
        int udp = ip + header;
        boolean whole = length >= ip + IPV4_HEADER_BYTES
                && header >= IPV4_HEADER_BYTES
                && udp + UDP_HEADER_BYTES <= length
                && (BigEndian.getShort(buffer, ip + 6) & FRAGMENT_MASK) == 0;
        int bytes = whole ? BigEndian.getShort(buffer, udp + 4) - UDP_HEADER_BYTES : -1;
        if (bytes < 0 || udp + UDP_HEADER_BYTES + bytes > length) {
            dropMalformed.increment();
            return;
        }
        onMessage(from, buffer, udp + UDP_HEADER_BYTES, bytes, this::sendFrame);
    }

    private void sendFrame(byte[] packet, int length, int toIp, long toMac) {
        VnetHeader.clear(frame, 0);
        System.arraycopy(packet, 0, frame, VnetHeader.LENGTH, length);
        sender.send(toMac, EthernetPart.TYPE_IPV4, frame, VnetHeader.LENGTH + length);
    }

    /**
     * A message.
     *
     * @param from the station that sent it, or 0 if that cannot be seen
     * @param way for the answer
     */
    void onMessage(long from, byte[] buffer, int offset, int length, Way way) {
        if (share.neighbours().isHost(from)) {
            return;
        }
        long now = runtime.clock().nanoTime();
        if (!messages.tryTake(now)) {
            dropRate.increment();
            return;
        }
        DhcpMessage message = DhcpMessage.parse(buffer, offset, length);
        if (message == null) {
            dropMalformed.increment();
            return;
        }
        if (message.operation() == DhcpMessage.FROM_SERVER) {
            noteServer(message);
            return;
        }
        boolean right = message.operation() == DhcpMessage.FROM_CLIENT
                && message.relayIp() == 0
                && MacAddress.isStation(message.clientMac())
                && message.clientMac() != share.neighbours().gatewayMac()
                && !share.neighbours().isHost(message.clientMac())
                && (from == 0 || from == message.clientMac());
        if (!right) {
            dropMalformed.increment();
            return;
        }
        boolean early = names.get() == NameService.UNKNOWN && now - startedNanos < SETTLE_NANOS;
        if (early && message.type() <= DhcpMessage.REQUEST) {
            // It asks again in a few seconds.
            return;
        }
        Guest guest = book.get(message.clientMac());
        switch (message.type()) {
            case DhcpMessage.DISCOVER -> onDiscover(message, guest, way);
            case DhcpMessage.REQUEST -> onRequest(message, guest, way);
            case DhcpMessage.DECLINE -> onDecline(message, guest);
            case DhcpMessage.RELEASE -> onRelease(message, guest);
            case DhcpMessage.INFORM -> onInform(message, guest, way);
            default -> dropMalformed.increment();
        }
    }

    private void noteServer(DhcpMessage message) {
        if (message.serverIp() != 0 && message.serverIp() != settings.ipv4()) {
            otherServer = true;
            otherServerNanos = runtime.clock().nanoTime();
        }
    }

    /** Another server was heard on this Ethernet not long ago. */
    boolean isOtherServerHere() {
        return otherServer && runtime.clock().nanoTime() - otherServerNanos < OTHER_SERVER_NANOS;
    }

    /** Who has no address of ours gets none beside another server. */
    private boolean isLeftToOther(@Nullable Guest guest) {
        boolean left = isOtherServerHere() && (guest == null || guest.state() != Guest.State.BOUND);
        if (left) {
            dropOther.increment();
        }
        return left;
    }

    private void onDiscover(DhcpMessage asked, @Nullable Guest guest, Way way) {
        if (isLeftToOther(guest)) {
            return;
        }
        take(asked, asked.requestedIp(), taken -> answer(asked, DhcpMessage.OFFER, taken.ipv4(), way));
    }

    private void take(DhcpMessage asked, int wished, Consumer<Guest> whenTaken) {
        if (!book.take(asked.clientMac(), wished, asked.hostName(), whenTaken)) {
            dropFull.increment();
        }
    }

    /** Section 4.3.2: to an offer, after a restart, or to keep the address. */
    private void onRequest(DhcpMessage asked, @Nullable Guest guest, Way way) {
        if (asked.serverIp() != 0) {
            onSelection(asked, guest, way);
            return;
        }
        int wanted = asked.clientIp() != 0 ? asked.clientIp() : asked.requestedIp();
        if (guest != null && guest.holdsAddress()) {
            settle(asked, guest, wanted, way);
        } else if (share.neighbours().isMember(wanted) && !isLeftToOther(guest)) {
            take(asked, wanted, taken -> settle(asked, taken, wanted, way));
        }
        // Of other networks we know nothing, and of this one a server with a record of the client may be elsewhere.
    }

    private void onSelection(DhcpMessage asked, @Nullable Guest guest, Way way) {
        if (asked.serverIp() != settings.ipv4()) {
            if (guest != null && guest.state() == Guest.State.OFFERED) {
                book.release(guest);
            }
        } else if (guest != null && guest.holdsAddress()) {
            settle(asked, guest, asked.requestedIp(), way);
        } else {
            answer(asked, DhcpMessage.NAK, 0, way);
        }
    }

    private void settle(DhcpMessage asked, Guest guest, int wanted, Way way) {
        if (guest.ipv4() == wanted) {
            book.bind(guest);
            answer(asked, DhcpMessage.ACK, wanted, way);
        } else {
            answer(asked, DhcpMessage.NAK, 0, way);
        }
    }

    private void onDecline(DhcpMessage told, @Nullable Guest guest) {
        if (guest != null && guest.holdsAddress() && guest.ipv4() == told.requestedIp()) {
            runtime.counters().counter("ethernet.dhcp.declined").increment();
            book.decline(guest);
        }
    }

    private void onRelease(DhcpMessage told, @Nullable Guest guest) {
        if (guest != null && guest.holdsAddress() && guest.ipv4() == told.clientIp()) {
            book.release(guest);
        }
    }

    private void onInform(DhcpMessage asked, @Nullable Guest guest, Way way) {
        if (guest != null && guest.state() == Guest.State.BOUND && guest.ipv4() == asked.clientIp()) {
            answer(asked, DhcpMessage.ACK, 0, way);
        }
    }

    private void answer(DhcpMessage asked, int type, int yourIp, Way way) {
        reply.begin(asked, type, yourIp, settings.ipv4());
        if (type != DhcpMessage.NAK) {
            if (yourIp != 0) {
                reply.option(DhcpMessage.OPTION_LEASE_SECONDS, GuestBook.LEASE_SECONDS);
                reply.option(DhcpMessage.OPTION_RENEW_SECONDS, RENEW_SECONDS);
                reply.option(DhcpMessage.OPTION_REBIND_SECONDS, REBIND_SECONDS);
            }
            int prefixLength = settings.prefix().prefixLength();
            reply.option(DhcpMessage.OPTION_MASK, -1 << (32 - prefixLength));
            reply.option(
                    DhcpMessage.OPTION_MTU, new byte[] {(byte) (settings.mtuBytes() >> 8), (byte) settings.mtuBytes()});
            if (names.get() == NameService.HERE) {
                reply.option(DhcpMessage.OPTION_DNS, settings.ipv4());
                reply.option(DhcpMessage.OPTION_DOMAIN, settings.domain());
            }
        }
        boolean toAll = type == DhcpMessage.NAK || (asked.clientIp() == 0 && asked.broadcast());
        int toIp = toAll ? ALL : asked.clientIp() != 0 ? asked.clientIp() : yourIp;
        int length = reply.finish(settings.ipv4(), toIp);
        answered.increment();
        way.send(reply.buffer(), length, toIp, toAll ? MacAddress.BROADCAST : asked.clientMac());
    }
}
