package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.SessionLane;
import io.p2pvpn.vpn.data.PeerTunnel;
import java.util.Arrays;

/**
 * A queue's way to one member, open while that is reached directly over UDP. The first packets into a silent session
 * are copied to the loop, as {@link SessionTunnel} keeps them. Confined to its queue.
 */
final class LaneTunnel implements PeerTunnel {
    private final SessionTunnel shared;
    private final SessionLane lane;
    private final Timers loop;
    private int kept;

    /** The queue's side of {@code shared}, which belongs to {@code loop} but for what it says. */
    LaneTunnel(SessionTunnel shared, SessionLane lane, Timers loop) {
        this.shared = shared;
        this.lane = lane;
        this.loop = loop;
    }

    SessionTunnel shared() {
        return shared;
    }

    SessionLane lane() {
        return lane;
    }

    @Override
    public int channel() {
        return shared.channel();
    }

    @Override
    public boolean isOpen() {
        return lane.isDirect();
    }

    @Override
    public int packetBytes() {
        return lane.packetBytes();
    }

    @Override
    public boolean isPacketBytesKnown() {
        return lane.isPacketBytesKnown();
    }

    @Override
    public int seal(byte[] plain, int offset, int length, byte[] out, int outOffset) {
        if (!shared.isSilent()) {
            kept = 0;
        } else if (kept < SessionTunnel.UNHEARD_MAX) {
            kept++;
            byte[] copy = Arrays.copyOfRange(plain, offset, offset + length);
            loop.execute(() -> shared.keepUnheard(copy));
        }
        return lane.seal(plain, offset, length, out, outOffset);
    }

    @Override
    public boolean send(byte[] frames, int offset, int length, int segmentBytes, int trafficClass) {
        shared.markUsed();
        return lane.send(frames, offset, length, segmentBytes, trafficClass);
    }
}
