package io.p2pvpn.simulator;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Ring;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The invariants of a correct ring, checked after every event of a world: those of P. Zave, "How to make Chord correct"
 * (TSE 2017), carried over to a ring whose links are symmetric sessions.
 *
 * <p>Zave's member has a list of successors, the first of which it has spoken to, and a predecessor. Ours has two such
 * lists, one per side: the members that it holds for its nearest ({@link Ring#list}), some of them linked by a live
 * direct session ({@link Ring#near}), the others being called. The theorem is about one direction; both are checked,
 * the second as its mirror image. A list shorter than four says that there is nobody else: it closes the circle.
 *
 * <ul>
 *   <li><b>M</b>: nodes that run and call themselves joined. <b>Best successor</b>: the first entry of the list that is
 *       in M. A <b>principal</b> is a member that no member's list skips. A member is <b>established</b> when it has
 *       been one for {@link RingGrace#newsNanos}.
 *   <li><b>P1</b> Every member has a best successor (once there is another established member).
 *   <li><b>P2</b> Lists are in strict order round the ring, without repetition and without their owner.
 *   <li><b>P3</b> Best successors make exactly one cycle R, which goes round once. <b>P4</b> Every other member reaches
 *       it; as it does so whenever P1 and P3 hold, what is checked is that no established member is outside.
 *   <li><b>P5</b> Principals are in R. <b>P6</b> Principals become fewer by failures only: an established member is a
 *       principal as long as it lives.
 *   <li><b>S0</b> A linked entry is a session that is open, direct or relayed, and with the very node that has this ID;
 *       any entry
 *       is the ID of a node. <b>S1</b> If a links b, then b knows a; within {@link RingGrace#detectionNanos}. <b>S2</b>
 *       A best successor is linked: at once if its owner has just become a member, else within
 *       {@link RingGrace#linkNanos}.
 * </ul>
 *
 * <p>P1, P2, P3, P5 and S0 have no grace. What the graces allow is that news is on its way, not that a wrong state is
 * repaired: docs/architecture.md says why each is honest.
 *
 * <p>The theorem assumes that no member loses all its list at once. When a failure does that, or the scenario says that
 * it breaks the assumption otherwise ({@link #breakAssumption}), violations are no longer thrown but collected in
 * {@link #reports}, until the ring is right again.
 *
 * <p>Large worlds are looked at now and then only, and violations counted ({@link #sampled}).
 *
 * <p>Confined to the world's thread.
 */
public final class RingInvariants {
    /** Reports kept; what comes after the first ones says nothing new. */
    private static final int REPORTS_MAX = 64;

    private final SimWorld world;
    private final RingGrace grace;
    /** In a large world, as far round the ring as that on each side somebody can have a node in its lists. */
    private static final int AROUND = 16;

    private final Map<Integer, RingLife> lives = new TreeMap<>();
    private final TreeMap<OverlayId, RingLife> byId = new TreeMap<>();
    /** Who has ever had which ID. */
    private final Map<OverlayId, PublicIdentity> owners = new TreeMap<>();

    private final List<RingViolation> reports = new ArrayList<>();
    private final boolean isSampled;
    private @Nullable String broken;
    private int violations;
    private long recheckNanos = Long.MAX_VALUE;
    private int breaks;
    private long changes;

    /** Watches from the next event on; nodes have to be announced by {@link #onStart} and {@link #onStop}. */
    public RingInvariants(SimWorld world, RingGrace grace) {
        this(world, grace, false);
        world.afterEachEvent(this::onEvent);
    }

    private RingInvariants(SimWorld world, RingGrace grace, boolean isSampled) {
        this.world = world;
        this.grace = grace;
        this.isSampled = isSampled;
    }

    /** For large worlds: looks only when {@link #check} is called and nodes end, and counts what it finds. */
    public static RingInvariants sampled(SimWorld world, RingGrace grace) {
        return new RingInvariants(world, grace, true);
    }

    /** Looks at everything now. */
    public void check() {
        refreshAll();
        checkAll();
    }

    /** How often a look found a violation that was not thrown, while the assumption held. */
    public int violations() {
        return violations;
    }

    /** A node has started; {@code ring} is its part of the ring that is watched. */
    public void onStart(SimHost host, OverlayNode node, Ring ring) {
        RingLife life = new RingLife(host, node.identity(), ring);
        lives.put(host.id(), life);
        byId.put(life.id(), life);
        owners.put(ring.self(), node.identity());
    }

    /** The node of this host crashed or left. */
    public void onStop(SimHost host) {
        if (isSampled) {
            around(lives.get(host.id())).forEach(this::refresh);
        }
        String loss = lossBy(host);
        RingLife gone = lives.remove(host.id());
        if (loss != null) {
            breakAssumption(loss);
        }
        if (gone != null) {
            byId.remove(gone.id(), gone);
            noteBereavedJoiners(gone);
        }
        if (!isSampled) {
            checkAll();
        }
    }

    /** Those whose lists can have this one: in small worlds all, in large ones some before it and some after it. */
    private Collection<RingLife> around(@Nullable RingLife life) {
        if (!isSampled || life == null) {
            return lives.values();
        }
        List<RingLife> around = new ArrayList<>();
        addFirst(around, byId.tailMap(life.id(), true), byId.headMap(life.id(), false));
        addFirst(
                around,
                byId.headMap(life.id(), false).descendingMap(),
                byId.tailMap(life.id(), true).descendingMap());
        return around;
    }

    private static void addFirst(List<RingLife> around, Map<OverlayId, RingLife> part, Map<OverlayId, RingLife> rest) {
        Stream.concat(part.values().stream(), rest.values().stream())
                .limit(AROUND)
                .filter(each -> !around.contains(each))
                .forEach(around::add);
    }

    /** True if the end of this node takes the last live entry from somebody's list: Zave's theorem excludes that. */
    public boolean isLastHopeOfSomebody(SimHost host) {
        return lossBy(host) != null;
    }

    private @Nullable String lossBy(SimHost host) {
        RingLife gone = lives.get(host.id());
        if (gone == null || !gone.isMember() || !areMembers(3)) {
            return null;
        }
        for (RingLife life : around(gone)) {
            if (life != gone && life.isMember() && isHopeless(life, gone)) {
                return host.name() + " was the last live entry of " + life.describe();
            }
        }
        return null;
    }

    private boolean areMembers(int count) {
        return lives.values().stream().filter(RingLife::isMember).limit(count).count() == count;
    }

    private boolean isHopeless(RingLife life, RingLife gone) {
        for (boolean clockwise : new boolean[] {true, false}) {
            List<OverlayId> list = life.side(clockwise).list();
            if (list.contains(gone.id()) && !hasMember(list, gone)) {
                return true;
            }
        }
        return false;
    }

    /** True if one of the IDs is that of a member, another than {@code except}. */
    private boolean hasMember(List<OverlayId> list, RingLife except) {
        for (OverlayId id : list) {
            RingLife life = byId.get(id);
            if (life != null && life != except && life.isMember()) {
                return true;
            }
        }
        return false;
    }

    /**
     * In the theorem taking a list and becoming a member is one step. Here a handshake lies between, so the assumption
     * counts from the moment when the list is taken.
     */
    private void noteBereavedJoiners(RingLife gone) {
        for (RingLife life : around(gone)) {
            if (!life.isMember() && isHopeless(life, gone)) {
                life.bereave(gone.host().name() + " was the last live entry of " + life.describe());
            }
        }
    }

    private void onNewMember(RingLife life) {
        String loss = life.bereavement();
        boolean isAlone = !hasMember(life.side(true).list(), life)
                || !hasMember(life.side(false).list(), life);
        if (loss != null && isAlone && areMembers(2)) {
            breakAssumption(loss);
        }
    }

    /** From now on, until the ring is right again, violations are reported instead of thrown. */
    public void breakAssumption(String why) {
        if (broken == null) {
            broken = why;
            breaks++;
        }
    }

    /** How often the assumption was broken. */
    public int breaks() {
        return breaks;
    }

    /** Why violations are not thrown at the moment, or null. */
    public @Nullable String brokenAssumption() {
        return broken;
    }

    /** What was violated and not thrown. */
    public List<RingViolation> reports() {
        return Collections.unmodifiableList(reports);
    }

    /** How often somebody's lists have changed. */
    public long changes() {
        return changes;
    }

    /**
     * What is wrong compared with the known membership, or null if every running node is a member and has exactly the
     * nearest ones linked on both sides (Zave's Ideal).
     */
    public @Nullable String wrong() {
        List<RingLife> all = new ArrayList<>(lives.values());
        all.sort((a, b) -> a.id().compareTo(b.id()));
        for (int i = 0; i < all.size(); i++) {
            RingLife life = all.get(i);
            if (!life.isMember()) {
                return life.host().name() + " is not joined";
            }
            for (boolean clockwise : new boolean[] {true, false}) {
                List<OverlayId> expected = new ArrayList<>();
                for (int k = 1; k <= Math.min(RingSideCheck.NEAR, all.size() - 1); k++) {
                    expected.add(all.get(Math.floorMod(clockwise ? i + k : i - k, all.size()))
                            .id());
                }
                List<OverlayId> linked = new ArrayList<>();
                life.side(clockwise).linked().forEach(link -> linked.add(link.id()));
                if (!linked.equals(expected) || !life.side(clockwise).list().equals(expected)) {
                    return "wrong " + (clockwise ? "ahead" : "behind") + ": " + life.describe();
                }
            }
        }
        return null;
    }

    private void onEvent() {
        boolean changed = false;
        if (world.eventHost() == SimWorld.ANY_HOST) {
            changed = refreshAll();
        } else {
            RingLife life = lives.get(world.eventHost());
            changed = life != null && refresh(life);
        }
        if (changed) {
            changes++;
        }
        if (changed || world.nanoTime() >= recheckNanos) {
            checkAll();
        }
    }

    private boolean refreshAll() {
        boolean changed = false;
        for (RingLife life : lives.values()) {
            changed |= refresh(life);
        }
        return changed;
    }

    private boolean refresh(RingLife life) {
        boolean wasMember = life.isMember();
        boolean changed = life.refresh(world.nanoTime());
        if (life.isMember() && !wasMember) {
            onNewMember(life);
        }
        return changed;
    }

    private List<RingLife> members() {
        List<RingLife> members = new ArrayList<>();
        for (RingLife life : lives.values()) {
            if (life.isMember()) {
                members.add(life);
            }
        }
        members.sort((a, b) -> a.id().compareTo(b.id()));
        return members;
    }

    private void checkAll() {
        recheckNanos = Long.MAX_VALUE;
        List<RingLife> members = members();
        for (boolean clockwise : new boolean[] {true, false}) {
            RingSideCheck check = new RingSideCheck(members, owners, clockwise, grace, world.nanoTime());
            try {
                check.run();
                recheckNanos = Math.min(recheckNanos, check.recheckNanos());
            } catch (RingViolation violation) {
                onViolation(violation);
            }
        }
        if (broken != null && wrong() == null) {
            broken = null;
        }
    }

    private void onViolation(RingViolation violation) {
        boolean isThrown = broken == null && !isSampled;
        violations += broken == null ? 1 : 0;
        if (isThrown || reports.size() < REPORTS_MAX) {
            RingViolation full = new RingViolation(violation.invariant(), violation.getMessage() + "\n" + this);
            if (isThrown) {
                throw full;
            }
            reports.add(full);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("at " + world.nanoTime() / 1_000_000 + " ms");
        if (broken != null) {
            text.append(", outside the failure assumption: ").append(broken);
        }
        List<RingLife> all = new ArrayList<>(lives.values());
        all.sort((a, b) -> a.id().compareTo(b.id()));
        all.forEach(life -> text.append("\n  ").append(life.describe()));
        return text.toString();
    }
}
