package io.p2pvpn.overlay.ring;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.proto.Admission;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.RingStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions belong to a ring. In the public ring every one does; in a private ring the one whose peer has shown
 * its admission, bound to the session's handshake. We show ours only to those whom we called for this ring's sake, and
 * to those who showed theirs. Confined to the node's loop.
 */
final class RingMembers {
    private static final int EXPECTED_MAX = 1024;

    private final Ring ring;
    private final RingHost host;
    private final RingConfig config;
    private final NeighbourTable table;
    private final Set<OverlayId> expected = new LinkedHashSet<>();
    /** Nodes of which we are learning who is a member, and the last admission that each has shown meanwhile. */
    private final Map<OverlayId, Optional<Admission>> learning = new LinkedHashMap<>();

    private final List<Consumer<RingPeer>> listeners = new ArrayList<>();

    RingMembers(Ring ring, RingHost host, RingConfig config, NeighbourTable table) {
        this.ring = ring;
        this.host = host;
        this.config = config;
        this.table = table;
    }

    void onPeer(Consumer<RingPeer> listener) {
        listeners.add(listener);
    }

    /** We call this node because it is said to be a member. */
    void expect(OverlayId nodeId) {
        if (expected.size() >= EXPECTED_MAX) {
            expected.remove(expected.iterator().next());
        }
        expected.add(nodeId);
        Session session = host.sessions().session(nodeId);
        if (session != null && table.peer(session) == null) {
            onUp(session);
        }
    }

    void onUp(Session session) {
        if (config.admission() == null) {
            admit(new RingPeer(session.nodeId(), session, 0, new byte[0]));
        } else if (expected.contains(session.nodeId())) {
            Greeter.greet(
                    host.runtime(),
                    () -> show(session, false),
                    () -> !session.isOpen() || ring.isClosed() || table.peer(session) != null);
            ring.onShown(session);
        }
    }

    /** Shows our admission, which is another than before, to all peers. */
    void showAgain() {
        table.peers().forEach(peer -> show(peer.session(), true));
    }

    private void show(Session session, boolean answer) {
        RingAdmission admission = config.admission();
        if (admission == null) {
            return;
        }
        byte[] binding = session.handshakeHash();
        session.send(Control.newBuilder()
                .setAdmission(Admission.newBuilder()
                        .setRing(ring.ringIdBytes())
                        .setChannel(config.channel())
                        .setBinding(ByteString.copyFrom(binding))
                        .setProof(ByteString.copyFrom(admission.prove(binding)))
                        .setNote(ByteString.copyFrom(admission.note()))
                        .setEpoch(ByteString.copyFrom(admission.epoch()))
                        .setAnswer(answer))
                .build());
    }

    void onAdmission(Session session, Admission shown) {
        RingAdmission admission = config.admission();
        byte[] binding = shown.getBinding().toByteArray();
        if (admission == null || !session.isBoundTo(binding)) {
            ring.drop("admission-unbound");
            return;
        }
        if (isOfOurEpoch(shown.getEpoch())) {
            judge(session, admission, shown);
        } else if (expected.contains(session.nodeId()) || isAcquainted(session, admission, shown)) {
            learn(session, admission, Optional.of(shown));
        } else {
            ring.drop("admission-refused");
        }
    }

    /** Whom we ask what it knows gets to see our admission. */
    private static boolean isAcquainted(Session session, RingAdmission admission, Admission shown) {
        return admission.isAcquainted(
                session.peer(),
                shown.getBinding().toByteArray(),
                shown.getProof().toByteArray());
    }

    private boolean isOfOurEpoch(ByteString epoch) {
        RingAdmission admission = config.admission();
        return admission == null
                || epoch.size() > RingAdmission.EPOCH_BYTES_MAX
                || epoch.equals(ByteString.copyFrom(admission.epoch()));
    }

    /** A peer tells its epoch: if that is not ours, one of us does not know all. */
    void compare(RingPeer peer, ByteString epoch) {
        RingAdmission admission = config.admission();
        if (admission != null && !isOfOurEpoch(epoch)) {
            learn(peer.session(), admission, Optional.empty());
        }
    }

    /** Who shows its admission is judged when we know what it knows. */
    private void learn(Session session, RingAdmission admission, Optional<Admission> shown) {
        OverlayId nodeId = session.nodeId();
        if (learning.containsKey(nodeId)) {
            shown.ifPresent(last -> learning.put(nodeId, Optional.of(last)));
            return;
        }
        if (learning.size() >= EXPECTED_MAX) {
            ring.drop("admission-crowded");
            return;
        }
        learning.put(nodeId, shown);
        Completions.whenDone(host.runtime().timers(), admission.learnFrom(session), (done, failure) -> {
            Optional<Admission> last = learning.remove(nodeId);
            if (failure != null) {
                ring.drop("admission-unlearned");
            } else if (last != null && last.isPresent() && session.isOpen() && !ring.isClosed()) {
                judge(session, admission, last.get());
            }
        });
    }

    private void judge(Session session, RingAdmission admission, Admission shown) {
        byte[] binding = shown.getBinding().toByteArray();
        OverlayId id =
                admission.verify(session.peer(), binding, shown.getProof().toByteArray());
        int channel = shown.getChannel();
        if (id == null || channel < 1 || channel > 255 || id.equals(ring.self())) {
            ring.drop("admission-refused");
            return;
        }
        if (!shown.getAnswer()) {
            show(session, true);
        }
        RingPeer known = table.peer(session);
        if (known == null || !known.id().equals(id) || known.channel() != channel) {
            table.remove(session);
            admit(new RingPeer(id, session, channel, shown.getNote().toByteArray()));
        }
    }

    private void admit(RingPeer peer) {
        table.add(peer);
        ring.maintenance().onPeer(peer);
        listeners.forEach(listener -> listener.accept(peer));
    }

    /** Puts out whoever is no member any more. */
    void review() {
        RingAdmission admission = config.admission();
        for (RingPeer peer : List.copyOf(table.peers())) {
            if (admission != null && !admission.isStillMember(peer.session().peer())) {
                ring.drop("member-out");
                ring.putOut(peer);
            }
        }
    }

    @Nullable
    RingPeer peerFor(Session session, RingStatus status) {
        RingPeer peer = table.peer(session);
        OverlayId claimed = Contacts.id(status.getRingId());
        return peer != null && peer.id().equals(claimed) ? peer : null;
    }
}
