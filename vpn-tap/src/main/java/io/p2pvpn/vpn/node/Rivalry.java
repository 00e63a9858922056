package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What peers say of another process that runs with this node's identity. They may lie: so it is told to people, and
 * only a node that is not a member yet gives up for it. Confined to the node's loop.
 */
final class Rivalry {
    /** How long what was said counts. */
    static final long MEMORY_NANOS = 600_000_000_000L;
    /** People are told again this often at most. */
    private static final long TELL_NANOS = 600_000_000_000L;

    private static final int WITNESSES_MAX = 16;

    private final Clock clock;
    private final TreeSet<OverlayId> refusedBy = new TreeSet<>();
    private boolean refused;
    private long refusedNanos;
    private boolean rivalled;
    private long rivalNanos;
    private String rivalText = "";
    private boolean told;
    private long toldNanos;

    Rivalry(Clock clock) {
        this.clock = clock;
    }

    /** A peer stays with another run of this node; how many different ones have said so. */
    int onInUse(OverlayId peer) {
        refused = true;
        refusedNanos = clock.nanoTime();
        if (refusedBy.size() < WITNESSES_MAX) {
            refusedBy.add(peer);
        }
        return refusedBy.size();
    }

    /** Whether a peer stays with another run of this node. */
    boolean isRefused() {
        return refused && clock.nanoTime() - refusedNanos < MEMORY_NANOS;
    }

    /**
     * A peer has refused another run of this node.
     *
     * @return a line for people, if they have not just been told
     */
    @Nullable
    String onRival(OverlayId peer, @Nullable Endpoint seenAt) {
        rivalled = true;
        rivalNanos = clock.nanoTime();
        rivalText = "another host" + (seenAt == null ? "" : " (" + seenAt + ")") + " was started with a copy of this"
                + " node's state directory, says " + peer.toShortString() + ", and is kept out: stop it, and remove the"
                + " copy there";
        if (told && rivalNanos - toldNanos < TELL_NANOS) {
            return null;
        }
        told = true;
        toldNanos = rivalNanos;
        return rivalText;
    }

    /** Why a node that is not a member gives up. */
    static String inUseText() {
        return "another host runs as this node: the state directory here is a copy of one that is in use, or the other"
                + " way round; to make this host a node of its own, start it with an empty state directory";
    }

    /** What is to be said of it now. */
    List<Health> health() {
        List<Health> health = new ArrayList<>();
        if (rivalled && clock.nanoTime() - rivalNanos < MEMORY_NANOS) {
            health.add(new Health("identity-copied", Severity.WARNING, rivalText));
        }
        if (isRefused()) {
            health.add(new Health("identity-in-use", Severity.ERROR, inUseText()));
        }
        return health;
    }
}
