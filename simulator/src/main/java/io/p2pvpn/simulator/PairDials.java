package io.p2pvpn.simulator;

import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pairs of nodes behind boxes of all kinds of which one end dials the other, and how they reach each other then.
 * Confined to the world's thread.
 */
public final class PairDials {
    private final RingWorld ring;
    private final List<HostKind> kinds;
    private final List<Dial> all = new ArrayList<>();
    private final List<Dial> waiting = new ArrayList<>();
    private final Map<Dial, Long> tookNanos = new LinkedHashMap<>();

    /** No pair of this ring yet; what each member stands behind, in the members' order. */
    public PairDials(RingWorld ring, List<HostKind> kinds) {
        this.ring = ring;
        this.kinds = List.copyOf(kinds);
    }

    /**
     * One pair, dialled at a time by one end.
     *
     * @param from who dials
     * @param fromKind what that one stands behind
     * @param to who is dialled
     * @param toKind what that one stands behind
     * @param startNanos the world's time at which it happened
     */
    public record Dial(Member from, HostKind fromKind, Member to, HostKind toKind, long startNanos) {
        /** Whether there is a direct path now. */
        public boolean isDirect() {
            Session session = session();
            return session != null && session.isDirect();
        }

        /** Whether there is a path at all now, but for hops along the ring. */
        public boolean isLinked() {
            Session session = session();
            return session != null && session.isLinked();
        }

        /** Whether boxes of these two kinds let a direct path be found by what nodes do. */
        public boolean isPossible() {
            return easier() != HostKind.SYMMETRIC && (harder() != HostKind.UDP_BLOCKED || easier() == HostKind.OPEN);
        }

        /** The kind of the end that is easier to reach. */
        public HostKind easier() {
            return fromKind.compareTo(toKind) < 0 ? fromKind : toKind;
        }

        /** The kind of the other one. */
        public HostKind harder() {
            return fromKind.compareTo(toKind) < 0 ? toKind : fromKind;
        }

        private @Nullable Session session() {
            return from.node().sessions().session(to.identity().publicIdentity().nodeId());
        }
    }

    /** Has one member, by its number, dial another one. */
    public void dial(int from, int to) {
        Member one = ring.members().get(from);
        Member other = ring.members().get(to);
        Contact contact = new Contact(other.id(), other.identity().publicIdentity(), List.of());
        var unused = one.node().connect(one.node().publicRing(), contact, Purpose.CHOTA);
        Dial dial = new Dial(
                one, kinds.get(from), other, kinds.get(to), ring.world().nanoTime());
        all.add(dial);
        waiting.add(dial);
    }

    /** Notes who has got a direct path since the last look. */
    public void look() {
        waiting.removeIf(dial -> {
            boolean direct = dial.isDirect();
            if (direct) {
                tookNanos.put(dial, ring.world().nanoTime() - dial.startNanos());
            }
            return direct;
        });
    }

    /** All pairs. */
    public List<Dial> all() {
        return Collections.unmodifiableList(all);
    }

    /** Those that have had a direct path, and how long it took until it was seen. */
    public Map<Dial, Long> tookNanos() {
        return Collections.unmodifiableMap(tookNanos);
    }
}
