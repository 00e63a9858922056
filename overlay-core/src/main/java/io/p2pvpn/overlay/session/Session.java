package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.path.PathMtu;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Candidates;
import io.p2pvpn.overlay.wire.proto.Close;
import io.p2pvpn.overlay.wire.proto.Control;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One peer whose keys are proven: epochs of keys, and paths. Confined to the node's loop.
 *
 * <p>Control messages and packets go over the active path; probes go over the path they are about. The session closes
 * when its last path is dead, when the peer says so or restarts, or when nobody at either end wants it.
 */
public final class Session {
    private static final long RTT_UNKNOWN_NANOS = 1_000_000_000L;

    /** Padding of a {@link #permit}. */
    public static final int PERMIT_BYTES = 1024;

    /** Bytes of a {@link #knock} on the wire, headers of IPv4 and UDP included. */
    public static final int KNOCK_BYTES = Frame.OVERHEAD_BYTES + Frame.PREFIX_BYTES + 2 + 28;

    /** By how many bytes a frame is longer than the IP packet in it. */
    public static final int PACKET_OVERHEAD_BYTES = Frame.OVERHEAD_BYTES + Frame.PREFIX_BYTES;

    private final SessionLayer layer;
    private final PublicIdentity peer;
    private final long remoteBootId;
    private final long sinceNanos;
    private final Epochs epochs;
    private final SessionLane[] lanes;
    private int packetLane;
    private final PathSet paths;
    private final Fragments fragments = new Fragments();
    private final RingBudget ringBudget = new RingBudget();
    private boolean open = true;
    private boolean wanted;
    private boolean silent;
    private long lastReceivedNanos;
    private long sentBytes;
    private long receivedBytes;
    private long lastInitMillis = Long.MIN_VALUE;
    private List<Endpoint> peerCandidates = List.of();
    private final PeerPlace place;
    final Keepalive keepalive;
    final PathProbes probes;
    private NatFacts peerNat = NatFacts.UNKNOWN;

    Session(SessionLayer layer, PublicIdentity peer, Epoch first, FrameRoute route, long nowNanos) {
        this.layer = layer;
        this.peer = peer;
        this.remoteBootId = first.terms().remoteBootId();
        this.sinceNanos = nowNanos;
        this.lastReceivedNanos = nowNanos;
        this.place = new PeerPlace(layer, peer.nodeId());
        this.keepalive = new Keepalive(layer);
        this.lanes = layer.queues().lanesOf(this);
        this.paths = new PathSet(this, layer, route, nowNanos);
        this.probes = new PathProbes(this, layer, place, paths);
        this.epochs = new Epochs(first, layer::forget);
        first.attach(this);
        publish();
    }

    /** The peer's keys. */
    public PublicIdentity peer() {
        return peer;
    }

    /** The peer's ID on the public ring. */
    public OverlayId nodeId() {
        return peer.nodeId();
    }

    /** Which run of the peer's process this session is with. */
    public long remoteBootId() {
        return remoteBootId;
    }

    /** False once the session is over. */
    public boolean isOpen() {
        return open;
    }

    /** True if the session is over because the peer answers on no path. */
    public boolean isSilent() {
        return silent;
    }

    /** The last path is dead. */
    void onSilent() {
        silent = true;
        layer.down(this, "no answer on any path");
    }

    /** When the session began. */
    public long sinceNanos() {
        return sinceNanos;
    }

    /** When the keys in use were agreed on. */
    public long handshakeNanos() {
        return epochs.current().establishedNanos();
    }

    /** All ways to the peer, candidates included. */
    public List<Path> paths() {
        return paths.all();
    }

    /** The way that traffic takes, or null if there is none at this moment. */
    public @Nullable Path activePath() {
        return paths.active();
    }

    /** The most bytes of an IP packet for the active path: one frame, which nobody cuts if that is known. */
    public int packetBytes() {
        return packetBytes(paths.active());
    }

    static int packetBytes(@Nullable Path path) {
        return (path == null ? PathMtu.ASSUMED_FRAME_BYTES : path.frameBytes()) - PACKET_OVERHEAD_BYTES;
    }

    /** True if {@link #packetBytes} is known, and larger packets are known not to pass uncut. */
    public boolean isPacketBytesKnown() {
        Path active = paths.active();
        return active != null && active.isFrameBytesKnown();
    }

    /** True if traffic goes straight to the peer. */
    public boolean isDirect() {
        Path active = paths.active();
        return active != null && active.route().isDirect();
    }

    /** True if traffic goes straight to the peer and in datagrams: there is no better way. */
    public boolean isOverUdp() {
        Path active = paths.active();
        return active != null && active.route().kind() == FrameRoute.Kind.UDP;
    }

    /**
     * True if there is a proven path straight to the peer or through one relay: good enough to carry what others send,
     * by {@link #sendLinked}. Traffic of our own may take the ring meanwhile, if that path is in doubt.
     */
    public boolean isLinked() {
        return paths.isLinked();
    }

    /** True if the active path owes us answers, and more than a lost datagram explains. */
    public boolean isInDoubt() {
        Path active = paths.active();
        return active != null && active.isSuspect();
    }

    /** True if one of the ends keeps the session alive, as far as we know: it is wanted here, or was heard lately. */
    public boolean isKept() {
        return wanted || layer.now() - lastReceivedNanos < keepalive.keptNanos(paths.active());
    }

    /**
     * True if the peer has proven to be reached straight at this address, or an authenticated frame of it came from
     * there: a peer that takes a new path does so one round trip before that path is proven to us.
     */
    public boolean isReachedAt(Endpoint endpoint) {
        return paths.isOfPeer(endpoint);
    }

    /** Where the peer says that it can be tried. */
    public List<Endpoint> peerCandidates() {
        return List.copyOf(peerCandidates);
    }

    /** Where the peer says that it stands in the space of round trips, or null. */
    public @Nullable Coordinate peerCoordinate() {
        return place.last();
    }

    /** What the peer says about the NAT boxes in front of it. */
    public NatFacts peerNat() {
        return peerNat;
    }

    /** Bytes of frames sent. */
    public long sentBytes() {
        return sentBytes;
    }

    /** Bytes of authenticated frames received. */
    public long receivedBytes() {
        return receivedBytes;
    }

    /** Wanted sessions are kept alive from this end. */
    public void setWanted(boolean wanted) {
        if (this.wanted != wanted) {
            this.wanted = wanted;
            paths.reschedule();
        }
    }

    /** A session whose peer may be found gone late is kept alive no more than the boxes in between need. */
    public void setRelaxed(boolean relaxed) {
        if (keepalive.setRelaxed(relaxed)) {
            paths.reschedule();
        }
    }

    /** True if somebody at this end wants it. */
    public boolean isWanted() {
        return wanted;
    }

    /** The hash of the handshake whose keys seal now: binds what is said in the session to this session. */
    public byte[] handshakeHash() {
        return epochs.current().handshakeHash();
    }

    /** True if {@code hash} is that of a handshake of this session whose keys still open frames. */
    public boolean isBoundTo(byte[] hash) {
        return epochs.isBoundTo(hash);
    }

    /** The part of queue {@code queue}, 1 or more. */
    public SessionLane lane(int queue) {
        return lanes[queue - 1];
    }

    /** Tells the queues what to seal with and where to send. */
    void publish() {
        packetLane = layer.queues().publish(this, lanes, open ? epochs.current() : null, paths.active());
    }

    FrameRoute routeOf(@Nullable Endpoint endpoint, @Nullable FrameRoute route) {
        return paths.routeOf(endpoint, route);
    }

    // ------------------------------------------------------------------ sending

    /**
     * Sends a control message over the active path; it may be lost.
     *
     * @return false if it was dropped here
     */
    public boolean send(Control message) {
        Path active = paths.active();
        return active != null && sendOver(active.route(), message);
    }

    /**
     * Sends a control message over the best path that is not a ring's; it may be lost.
     *
     * @return false if it was dropped here
     */
    public boolean sendLinked(Control message) {
        Path linked = paths.linked();
        return linked != null && sendOver(linked.route(), message);
    }

    /** Sends a control message over this way. */
    boolean sendOver(FrameRoute route, Control message) {
        byte[] bytes = message.toByteArray();
        if (!open || bytes.length > Fragments.MESSAGE_BYTES_MAX) {
            return false;
        }
        byte[] plain = layer.controlPlain();
        if (bytes.length <= Fragments.PIECE_BYTES) {
            plain[0] = Frame.KIND_CONTROL;
            plain[1] = 0;
            System.arraycopy(bytes, 0, plain, Frame.PREFIX_BYTES, bytes.length);
            return sealOver(route, plain, Frame.PREFIX_BYTES + bytes.length);
        }
        boolean sent = true;
        int number = fragments.nextNumber();
        for (int index = 0; index < Fragments.count(bytes.length); index++) {
            sent &= sealOver(route, plain, Fragments.cut(bytes, number, index, plain));
        }
        return sent;
    }

    /** Sends a plaintext with kind and channel in a frame that nobody may cut. */
    void sendUncut(FrameRoute route, byte[] plain) {
        byte[] sealed = new byte[plain.length + Frame.OVERHEAD_BYTES];
        if (seal(plain, 0, plain.length, sealed, 0) == sealed.length) {
            sentBytes += sealed.length;
            route.sendUncut(sealed, 0, sealed.length);
        }
    }

    private boolean sealOver(FrameRoute route, byte[] plain, int length) {
        byte[] sealed = layer.controlSealed();
        int bytes = epochs.current().share(0).seal(0, plain, 0, length, sealed, 0);
        if (bytes < 0) {
            return false;
        }
        sentBytes += bytes;
        return route.send(sealed, 0, bytes, bytes, Transport.CLASS_DEFAULT);
    }

    /**
     * Seals a plaintext that starts with kind and channel.
     *
     * @return the frame's length ({@code length + Frame.OVERHEAD_BYTES}), or -1 if the session cannot seal
     */
    public int seal(byte[] plain, int offset, int length, byte[] out, int outOffset) {
        return open ? epochs.current().share(0).seal(packetLane, plain, offset, length, out, outOffset) : -1;
    }

    /** As {@link #seal}, for what the peer's loop, not one of its queues, is to open. */
    public int sealForLoop(byte[] plain, int offset, int length, byte[] out, int outOffset) {
        return open ? epochs.current().share(0).seal(0, plain, offset, length, out, outOffset) : -1;
    }

    /** Sends sealed frames of {@code segmentBytes} each over the active path; false if they were dropped. */
    public boolean sendFrames(byte[] frames, int offset, int length, int segmentBytes, int trafficClass) {
        Path active = paths.active();
        if (active == null) {
            return false;
        }
        boolean overRing = active.route().kind() == FrameRoute.Kind.RING;
        if (overRing && !ringBudget.tryTake((length + segmentBytes - 1) / segmentBytes, layer.now())) {
            layer.drop("ring-budget");
            return false;
        }
        mark(epochs.current(), Epoch.Use.PACKETS);
        paths.onPacketsSent(segmentBytes);
        sentBytes += length;
        return active.route().send(frames, offset, length, segmentBytes, trafficClass);
    }

    /** Packets are to be expected over the active path: from now on, how large they can be is found out. */
    public void watchFrameBytes() {
        paths.watchFrameBytes();
    }

    /** Frames of another session, of up to that size, left over the active path to be relayed. */
    public void onRelayed(int segmentBytes) {
        paths.onCarried(segmentBytes);
    }

    /** Tells the peer where we can be tried, and what is in front of us. */
    public void sendCandidates(List<Endpoint> ours, NatFacts nat) {
        Path active = paths.active();
        if (active != null) {
            sendCandidatesOver(active.route(), ours, nat);
        }
    }

    /** The same, by this way. */
    public void sendCandidatesOver(FrameRoute route, List<Endpoint> ours, NatFacts nat) {
        Candidates candidates = Candidates.newBuilder()
                .addAllEndpoints(Endpoints.toProto(ours))
                .setNat(nat.toProto())
                .build();
        sendOver(route, Control.newBuilder().setCandidates(candidates).build());
    }

    /** Sends one small frame this way, without expecting an answer: opens a way through a NAT box, or finds one. */
    public boolean knock(FrameRoute route) {
        return sendOver(route, PathProbes.KNOCK);
    }

    /**
     * Sends {@link #PERMIT_BYTES} and some over the active path: the peer may send as many for our sake to where we
     * say that we are.
     */
    public void permit() {
        send(PathProbes.PERMIT);
    }

    /** Tries all addresses of the peer again that are not known to work. */
    public void tryCandidates() {
        if (open) {
            paths.onCandidates(peerCandidates);
        }
    }

    /** Probes this way unless it is known to work. */
    public void tryRoute(FrameRoute route) {
        tryRoutes(List.of(route));
    }

    /** This way is known to be gone: another is taken at once, and the session ends if there is none. */
    public void dropRoute(FrameRoute route) {
        paths.drop(route);
    }

    /** Takes this way, of the kind of the one in use, if it is proven and not in doubt; whether it is in use now. */
    public boolean prefer(FrameRoute route) {
        return open && paths.prefer(route);
    }

    /** Measures a proven way, unless an answer is awaited there already. */
    public void measure(FrameRoute route) {
        paths.measure(route);
    }

    /** Probes these ways unless they are known to work. */
    void tryRoutes(List<FrameRoute> routes) {
        paths.tryRoutes(routes);
    }

    // ---------------------------------------------------------------- receiving

    /** An authenticated frame of {@code epoch} came from {@code endpoint}, or over {@code route} if that is null. */
    void onFrame(Epoch epoch, @Nullable Endpoint endpoint, @Nullable FrameRoute route, int bytes, long nowNanos) {
        lastReceivedNanos = nowNanos;
        receivedBytes += bytes;
        if (!epoch.isConfirmed()) {
            epoch.confirm();
            choose(nowNanos);
        }
        paths.onFrame(endpoint, route, bytes, nowNanos);
    }

    /** A queue sent and received for this session. */
    void onReport(LaneReport report) {
        if (!open) {
            return;
        }
        Epoch heard = report.heardEpoch();
        if (heard != null) {
            long heardNanos = Math.max(lastReceivedNanos, report.heardNanos());
            int pathBytes = (int) Math.min(Integer.MAX_VALUE, report.pathBytes());
            onFrame(heard, report.heardFrom(), null, pathBytes, heardNanos);
            receivedBytes += report.heardBytes() - pathBytes;
            heard.onOpened(true);
            onTraffic(heard, Epoch.Use.PACKETS);
        }
        Path active = paths.active();
        Epoch sent = report.sentEpoch();
        if (sent != null) {
            sentBytes += report.sentBytes();
            mark(sent, Epoch.Use.PACKETS);
            if (active != null && active.onPacketsSent(report.firstSentNanos())) {
                paths.reschedule();
            }
            paths.onCarried(report.sentFrameBytes());
        }
    }

    long lastReceivedNanos() {
        return lastReceivedNanos;
    }

    /** The frame at hand carries what the peer sends for its own sake, not to keep a path or the session alive. */
    void onTraffic(Epoch epoch, Epoch.Use use) {
        mark(epoch, use);
        if (epoch.isNewestFrame() && !epochs.current().isNewerThan(epoch)) {
            paths.onTraffic(lastReceivedNanos);
        }
    }

    /** From its first use on, an epoch has an end. */
    private void mark(Epoch epoch, Epoch.Use use) {
        if (epoch.mark(use)) {
            paths.reschedule();
        }
    }

    void reschedule() {
        paths.reschedule();
    }

    void onPlain(Epoch epoch, byte[] plain, int length, FrameRoute via) {
        if (plain[0] == Frame.KIND_FRAGMENT) {
            byte[] whole = fragments.onPiece(plain, length);
            if (!Fragments.isPiece(plain, length)) {
                layer.drop("control-malformed");
            } else if (whole != null) {
                onControl(epoch, layer.parse(whole, 0, whole.length), via);
            }
        } else {
            onControl(epoch, layer.parse(plain, Frame.PREFIX_BYTES, length - Frame.PREFIX_BYTES), via);
        }
    }

    private void onControl(Epoch epoch, @Nullable Control message, FrameRoute via) {
        if (message == null || !open) {
            return;
        }
        switch (message.getBodyCase()) {
            case PATH_PROBE -> probes.onProbe(message.getPathProbe(), via);
            case PATH_REPLY -> probes.onReply(message.getPathReply(), via);
            case CANDIDATES -> {
                peerCandidates =
                        List.copyOf(Endpoints.fromProto(message.getCandidates().getEndpointsList()));
                peerNat = NatFacts.fromProto(message.getCandidates().getNat());
                paths.onCandidates(peerCandidates);
            }
            case PATH_KNOCK -> layer.count("knock.received");
            case CLOSE, RIVAL -> layer.rivals().onTold(this, message);
            default -> {
                onTraffic(epoch, Epoch.Use.MESSAGES);
                layer.listener().onControl(this, message, via);
            }
        }
    }

    // ------------------------------------------------------------------- epochs

    /** Takes the keys of another handshake with the same peer, which proved {@code route}. */
    void adopt(Epoch epoch, FrameRoute route, long nowNanos) {
        epoch.attach(this);
        epochs.add(epoch);
        paths.proven(route);
        choose(nowNanos);
    }

    /** True if these keys seal now. */
    boolean isSealing(Epoch epoch) {
        return epochs.current() == epoch;
    }

    /** True if a first message with this time is younger than the last one of this run of the peer. */
    boolean isFresh(long bootId, long timestampMillis) {
        if (bootId == remoteBootId && timestampMillis <= lastInitMillis) {
            return false;
        }
        if (bootId == remoteBootId) {
            lastInitMillis = timestampMillis;
        }
        return true;
    }

    private void choose(long nowNanos) {
        epochs.choose(nowNanos, paths.slowestRttNanos(RTT_UNKNOWN_NANOS));
        publish();
        paths.reschedule();
    }

    /** Its keys. */
    Epochs epochs() {
        return epochs;
    }

    // ------------------------------------------------------------------ closing

    /** Ends the session and tells the peer. */
    public void close(String reason) {
        if (open) {
            send(Control.newBuilder().setClose(Close.getDefaultInstance()).build());
            layer.down(this, reason);
        }
    }

    void onDown() {
        open = false;
        publish();
        paths.close();
        epochs.forgetAll();
    }

    /** Agrees on new keys now. If the peer has restarted meanwhile, that ends this session and begins another. */
    public void renew() {
        layer.rekey(this);
    }

    /** Asks the peer for an answer on the active path at once. */
    public void probe() {
        paths.probeActive();
    }

    /** A message that went this way found no answer: if none of the peer's is awaited yet, it is asked for one. */
    public void doubt() {
        paths.doubtActive();
    }

    /** This host's network is another than before. */
    void onNetworkChanged() {
        paths.onNetworkChanged();
        publish();
    }

    /** The stream to this endpoint is gone. */
    void onClosed(Endpoint remote) {
        paths.onClosed(remote);
    }

    @Override
    public String toString() {
        return peer + " " + paths.active();
    }
}
