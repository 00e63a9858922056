package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.CallRequest;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.RingMessage;
import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.trust.NamespaceAuthority;
import io.p2pvpn.vpn.wire.proto.NamespaceState;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A closed namespace at rest, a member of it that is attacked, another one and a stranger of the public ring that
 * attack it over their sessions, with messages made by hand.
 */
final class AttackWorld {
    /** A frame is there after 10 ms, and what it brings about after 20. */
    private static final long REACTION_NANOS = 50_000_000L;

    /** What goes on all the time. */
    private static final List<String> AMBIENT =
            List.of("session.received.frames", "coordinate.samples", "data.received.");

    final VpnWorld vpn = new VpnWorld(1, LinkModel.CLEAN);
    final Node founder;
    final Node victim;
    final Node member;
    final Node stranger;
    private long callId;

    AttackWorld() {
        Node bootstrap = vpn.bootstrap();
        founder = vpn.found(bootstrap);
        List<Node> members = vpn.inviteAll(2, founder, bootstrap);
        victim = members.get(1);
        member = members.get(2);
        stranger = vpn.bootstrap(bootstrap);
        vpn.runFor(60);
        assertThat(vpn.ping(member, victim, 5)).isNotNegative();
        assertThat(vpn.ping(victim, member, 5)).isNotNegative();
        vpn.runFor(40);
    }

    // --------------------------------------------------------------------- parts

    /** The attacker's session with the victim. */
    Session from(Node attacker) {
        return Objects.requireNonNull(
                attacker.daemon().node().sessions().session(id(victim)), "no session with the victim");
    }

    static OverlayId id(Node node) {
        return node.identity().publicIdentity().nodeId();
    }

    OverlayId namespace() {
        return Objects.requireNonNull(victim.namespaceId());
    }

    ByteString ring() {
        return ByteString.copyFrom(namespace().toByteArray());
    }

    static Membership membership(Node node) {
        return Objects.requireNonNull(node.membership());
    }

    Ring victimsRing() {
        return Objects.requireNonNull(membership(victim).ring());
    }

    /** The channel on which the victim takes the namespace's packets. */
    int channel() {
        Ring ring = Objects.requireNonNull(membership(member).ring());
        return Objects.requireNonNull(ring.peer(from(member))).channel();
    }

    /** The key that founded the namespace. */
    NamespaceAuthority authority() throws InvalidProtocolBufferException {
        byte[] kept = Objects.requireNonNull(founder.host().files().get("namespaces/" + VpnWorld.NAMESPACE));
        byte[] authority = NamespaceState.parseFrom(kept).getAuthority().toByteArray();
        return Objects.requireNonNull(NamespaceAuthority.parse(authority));
    }

    // ------------------------------------------------------------------- messages

    static Control call(String method, byte[] body) {
        return Control.newBuilder().setCall(request(1, method, body)).build();
    }

    private static CallRequest request(long id, String method, byte[] body) {
        return CallRequest.newBuilder()
                .setId(id)
                .setMethod(method)
                .setBody(ByteString.copyFrom(body))
                .build();
    }

    /** A call over the namespace's ring that has come as far as the victim. */
    Control ringCall(OverlayId target, String method, byte[] body) {
        return Control.newBuilder()
                .setRingMessage(ringMessage(target).setCall(request(++callId, method, body)))
                .build();
    }

    RingMessage.Builder ringMessage(OverlayId target) {
        OverlayId source = Objects.requireNonNull(membership(member).overlayId());
        return RingMessage.newBuilder()
                .setRing(ring())
                .setTarget(ByteString.copyFrom(target.toByteArray()))
                .setSource(ByteString.copyFrom(source.toByteArray()))
                .setExact(true)
                .setHops(1);
    }

    /** Seals content that no honest node would. */
    void sendPlain(Node attacker, int kind, int channel, byte[] content) {
        byte[] plain = new byte[Frame.PREFIX_BYTES + content.length];
        plain[0] = (byte) kind;
        plain[1] = (byte) channel;
        System.arraycopy(content, 0, plain, Frame.PREFIX_BYTES, content.length);
        byte[] frame = new byte[plain.length + Frame.OVERHEAD_BYTES];
        Session session = from(attacker);
        int bytes = session.seal(plain, 0, plain.length, frame, 0);
        assertThat(session.sendFrames(frame, 0, bytes, bytes, 0)).isTrue();
    }

    // ------------------------------------------------------------------ what it does

    /** The attacker does that: nothing is to be seen of it at the victim but this counter, and nobody is answered. */
    void assertOnly(Node attacker, String counter, long times, Runnable attack) {
        assertOnly(attacker, counter, times, 0, attack);
    }

    /** The same, with that many frames to the attacker: replies that say no. */
    void assertOnly(Node attacker, String counter, long times, int answers, Runnable attack) {
        assertOnly(attacker, Map.of(counter, times), answers, attack);
    }

    /** The same, with other counters too. */
    void assertOnly(Node attacker, Map<String, Long> counters, int answers, Runnable attack) {
        int[] sent = new int[2];
        Tap tap = (now, from, to, frame) -> {
            sent[0] += isWay(victim, attacker, from, to) ? 1 : 0;
            sent[1] += isWay(attacker, victim, from, to) ? 1 : 0;
            return frame;
        };
        Map<String, Long> countersBefore = counters();
        Map<String, String> stateBefore = state();
        attack.run();
        vpn.world().network().addTap(tap);
        vpn.world().runFor(REACTION_NANOS);
        vpn.world().network().removeTap(tap);
        assertThat(changes(countersBefore, counters())).isEqualTo(counters);
        assertThat(state()).isEqualTo(stateBefore);
        // The attacker's node goes on to probe the path and to answer probes: one frame each way.
        assertThat(sent[0] - sent[1]).isEqualTo(answers);
    }

    private static boolean isWay(Node one, Node other, Endpoint from, Endpoint to) {
        return from.equals(one.host().address()) && to.equals(other.host().address());
    }

    private Map<String, Long> counters() {
        return new TreeMap<>(victim.daemon().node().runtime().counters().snapshot());
    }

    private static Map<String, Long> changes(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> changes = new TreeMap<>();
        after.forEach((name, value) -> {
            long change = value - before.getOrDefault(name, 0L);
            if (change != 0 && AMBIENT.stream().noneMatch(name::startsWith)) {
                changes.put(name, change);
            }
        });
        return changes;
    }

    /** Everything else that an attack could have changed at the victim. */
    Map<String, String> state() {
        Map<String, String> state = new TreeMap<>();
        Membership membership = membership(victim);
        state.put("membership", membership.state() + " " + membership.ipv4());
        TreeSet<String> sessions = new TreeSet<>();
        for (Session session : victim.daemon().node().sessions().sessions()) {
            sessions.add(session.nodeId() + " by "
                    + Objects.requireNonNull(session.activePath()).route().endpoint() + " has "
                    + membership.addressOf(session.nodeId()));
        }
        state.put("sessions", sessions.toString());
        for (Ring ring : victim.daemon().node().rings()) {
            TreeSet<String> peers = new TreeSet<>();
            for (RingPeer peer : ring.peers()) {
                peers.add(peer.id() + "/" + peer.channel());
            }
            state.put("ring " + ring.self(), peers + " " + ring.list(true) + ring.list(false));
        }
        state.put(
                "records",
                Objects.requireNonNull(membership.dht()).storedRecords().toString());
        state.put("public records", victim.daemon().publicDht().storedRecords().toString());
        state.put("leases", membership.addressOf(id(member)) + " " + membership.addressOf(id(founder)));
        state.put("people", victim.notices() + " " + victim.failures());
        state.put("device", victim.tun().received() + " " + victim.tun().refusals());
        victim.host().files().forEach((name, bytes) -> state.put("file " + name, Arrays.toString(bytes)));
        return state;
    }
}
