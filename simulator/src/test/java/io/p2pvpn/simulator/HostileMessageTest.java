package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.FetchRequest;
import io.p2pvpn.dht.wire.proto.GetRequest;
import io.p2pvpn.dht.wire.proto.HandOverRequest;
import io.p2pvpn.dht.wire.proto.PutRequest;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.ContactList;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.IdList;
import io.p2pvpn.overlay.wire.proto.NatCheck;
import io.p2pvpn.overlay.wire.proto.NatLife;
import io.p2pvpn.overlay.wire.proto.NatMark;
import io.p2pvpn.overlay.wire.proto.NatPunch;
import io.p2pvpn.overlay.wire.proto.NatSeen;
import io.p2pvpn.overlay.wire.proto.NatStranger;
import io.p2pvpn.overlay.wire.proto.RelayBind;
import io.p2pvpn.overlay.wire.proto.RelayBound;
import io.p2pvpn.overlay.wire.proto.RelayCandidates;
import io.p2pvpn.overlay.wire.proto.RelayUse;
import io.p2pvpn.overlay.wire.proto.RingBroadcast;
import io.p2pvpn.overlay.wire.proto.RingMerge;
import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.namespace.MembershipState;
import io.p2pvpn.vpn.wire.proto.KnockRequest;
import io.p2pvpn.vpn.wire.proto.LeaseNotice;
import io.p2pvpn.vpn.wire.proto.RenewRequest;
import io.p2pvpn.vpn.wire.proto.TrustPut;
import io.p2pvpn.vpn.wire.proto.TrustSync;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every type of message and every call, with encodings that no honest node sends, at a node that is at work. */
class HostileMessageTest {
    private static final int CALL_BYTES_MAX = 16 * 1024;
    private static final int FRAME_BYTES_MAX = 1150;
    private static final long MILLI_NANOS = 1_000_000L;
    /** At a time, so that nothing is lost on the way. */
    private static final int BURST = 50;

    private static final Map<String, Descriptor> SESSION_CALLS = new TreeMap<>(Map.ofEntries(
            Map.entry("ring.contacts", IdList.getDescriptor()),
            Map.entry("ring.merge", RingMerge.getDescriptor()),
            Map.entry("ring.broadcast", RingBroadcast.getDescriptor()),
            Map.entry("relay.candidates", RelayCandidates.getDescriptor()),
            Map.entry("relay.meet", ContactList.getDescriptor()),
            Map.entry("relay.use", RelayUse.getDescriptor()),
            Map.entry("relay.bind", RelayBind.getDescriptor()),
            Map.entry("relay.offer", RelayBind.getDescriptor()),
            Map.entry("relay.release", RelayBound.getDescriptor()),
            Map.entry("nat.check", NatCheck.getDescriptor()),
            Map.entry("nat.life", NatLife.getDescriptor()),
            Map.entry("nat.seen", NatSeen.getDescriptor()),
            Map.entry("nat.stranger", NatStranger.getDescriptor()),
            Map.entry("nat.mark", NatMark.getDescriptor()),
            Map.entry("nat.punch", NatPunch.getDescriptor()),
            Map.entry("namespace.knock", KnockRequest.getDescriptor()),
            Map.entry("trust.sync", TrustSync.getDescriptor()),
            Map.entry("trust.put", TrustPut.getDescriptor()),
            Map.entry("lease.unmapped", LeaseNotice.getDescriptor())));

    /** By what they count requests that they cannot read; others do not look at theirs. */
    private static final Map<String, Map.Entry<Descriptor, String>> RING_CALLS = new TreeMap<>(Map.of(
            "dht.put", Map.entry(PutRequest.getDescriptor(), "dht.drop.malformed"),
            "dht.get", Map.entry(GetRequest.getDescriptor(), "dht.drop.malformed"),
            "dht.handover", Map.entry(HandOverRequest.getDescriptor(), "dht.drop.malformed"),
            "dht.fetch", Map.entry(FetchRequest.getDescriptor(), "dht.drop.malformed"),
            "trust.sync", Map.entry(TrustSync.getDescriptor(), "trust.drop.malformed"),
            "trust.renew", Map.entry(RenewRequest.getDescriptor(), "trust.drop.malformed"),
            "lease.conflict", Map.entry(LeaseNotice.getDescriptor(), "call.drop.malformed"),
            "ring.join", Map.entry(ContactList.getDescriptor(), ""),
            "ring.contact", Map.entry(ContactList.getDescriptor(), ""),
            "namespace.member", Map.entry(ContactList.getDescriptor(), "")));

    private final AttackWorld world = new AttackWorld();
    private int sent;

    private void pace() {
        if (++sent % BURST == 0) {
            world.vpn.world().runFor(20 * MILLI_NANOS);
        }
    }

    private static boolean isReadable(Descriptor type, byte[] bytes) {
        try {
            return DynamicMessage.parseFrom(type, bytes).isInitialized();
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    private static long unreadable(Descriptor type, List<byte[]> bodies) {
        return bodies.stream().filter(body -> !isReadable(type, body)).count();
    }

    /** It is as before, and answers. */
    private void assertWell(Node attacker) throws Exception {
        assertThat(AttackWorld.membership(world.victim).state()).isEqualTo(MembershipState.JOINED);
        assertThat(world.victim.failures()).isEmpty();
        assertThat(world.victim.notices()).isEmpty();
        assertThat(world.vpn.wrong(List.of(world.founder, world.victim, world.member)))
                .isNull();
        byte[] body = {1, 2, 3};
        var answer = attacker.daemon().node().calls().call(world.from(attacker), "ping", body);
        assertThat(world.vpn.done(answer)).isEqualTo(body);
        assertThat(world.vpn.ping(world.founder, world.victim, 10)).isNotNegative();
        assertThat(world.vpn.ping(world.victim, world.founder, 10)).isNotNegative();
    }

    private void callAll(Node attacker) throws Exception {
        for (var each : SESSION_CALLS.entrySet()) {
            List<byte[]> bodies = HostileBytes.of(each.getValue(), CALL_BYTES_MAX);
            long before = world.victim.counter("call.drop.malformed");
            for (byte[] body : bodies) {
                world.from(attacker).send(AttackWorld.call(each.getKey(), body));
                pace();
            }
            world.vpn.world().runFor(100 * MILLI_NANOS);
            assertThat(world.victim.counter("call.drop.malformed") - before)
                    .as(each.getKey())
                    .isPositive()
                    // Some handlers read what is inside of a field, too.
                    .isBetween(unreadable(each.getValue(), bodies), (long) bodies.size());
        }
        assertThat(world.victim.counter("call.drop.unknown-method")).isZero();
        assertWell(attacker);
    }

    @Test
    void sessionCalls_ofAStranger() throws Exception {
        callAll(world.stranger);
    }

    @Test
    void sessionCalls_ofAMember() throws Exception {
        callAll(world.member);
    }

    @Test
    void ringCalls_ofAMember() throws Exception {
        OverlayId target = world.victimsRing().self();
        for (var each : RING_CALLS.entrySet()) {
            Descriptor type = each.getValue().getKey();
            String counter = each.getValue().getValue();
            List<byte[]> bodies = HostileBytes.of(type, CALL_BYTES_MAX);
            long before = counter.isEmpty() ? 0 : world.victim.counter(counter);
            for (byte[] body : bodies) {
                world.from(world.member).send(world.ringCall(target, each.getKey(), body));
                pace();
            }
            world.vpn.world().runFor(100 * MILLI_NANOS);
            if (!counter.isEmpty()) {
                assertThat(world.victim.counter(counter) - before)
                        .as(each.getKey())
                        .isPositive()
                        .isBetween(unreadable(type, bodies), (long) bodies.size());
            }
        }
        assertThat(world.victim.counter("ring.drop.unknown-method")).isZero();
        assertWell(world.member);
    }

    /** A peer may end its own session, and tell that another run of ours has called: that is not tried here. */
    private static boolean isTried(byte[] bytes) {
        try {
            Control message = Control.parseFrom(bytes);
            return !message.hasClose() && !message.hasRival() && !message.hasRingLeave();
        } catch (InvalidProtocolBufferException e) {
            return true;
        }
    }

    private void controlAll(Node attacker) throws Exception {
        List<byte[]> messages = new ArrayList<>(HostileBytes.of(Control.getDescriptor(), FRAME_BYTES_MAX));
        for (var field : Control.getDescriptor().getFields()) {
            for (byte[] body : HostileBytes.of(field.getMessageType(), FRAME_BYTES_MAX - 8)) {
                messages.add(wrapped(field.getNumber(), body));
            }
        }
        messages.removeIf(message -> !isTried(message));
        long before = world.victim.counter("session.drop.control-malformed");
        for (byte[] message : messages) {
            world.sendPlain(attacker, Frame.KIND_CONTROL, 0, message);
            pace();
        }
        world.vpn.world().runFor(100 * MILLI_NANOS);
        assertThat(world.victim.counter("session.drop.control-malformed") - before)
                .isEqualTo(unreadable(Control.getDescriptor(), messages))
                .isPositive();
        world.vpn.runFor(10);
        assertWell(attacker);
    }

    private static byte[] wrapped(int field, byte[] body) {
        ByteString.Output out = ByteString.newOutput();
        var coded = CodedOutputStream.newInstance(out);
        try {
            coded.writeByteArray(field, body);
            coded.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteString().toByteArray();
    }

    @Test
    void controlMessages_ofAStranger() throws Exception {
        controlAll(world.stranger);
    }

    @Test
    void controlMessages_ofAMember() throws Exception {
        controlAll(world.member);
    }

    /** Numbers and lengths of pieces that do not fit each other. */
    @Test
    void pieces_thatCannotBe() throws Exception {
        byte[][] headers = {
            {0, 1, 0, 0}, {0, 1, 0, 1}, {0, 1, 0, 21}, {0, 1, 2, 2}, {0, 1, (byte) 0xff, (byte) 0xff}, {0, 1, 19, 19}
        };
        world.assertOnly(world.stranger, "session.drop.control-malformed", headers.length + 3, () -> {
            for (byte[] header : headers) {
                world.sendPlain(world.stranger, Frame.KIND_FRAGMENT, 0, Arrays.copyOf(header, 100));
            }
            for (int length : new int[] {0, 4, 4 + 1151}) {
                world.sendPlain(world.stranger, Frame.KIND_FRAGMENT, 0, Arrays.copyOf(new byte[] {0, 1, 0, 2}, length));
            }
        });
        assertWell(world.stranger);
    }

    @Test
    void frames_ofUnknownKindOrEmpty() {
        world.assertOnly(world.stranger, "session.drop.unknown-kind", 251, () -> {
            for (int kind = 4; kind < 256; kind++) {
                if (kind != Frame.KIND_STREAM) {
                    world.sendPlain(world.stranger, kind, 0, new byte[10]);
                }
            }
        });
        world.assertOnly(
                world.stranger,
                "call.drop.unknown-method",
                1,
                () -> world.from(world.stranger).send(AttackWorld.call("x".repeat(10_000), new byte[0])));
    }

    /** What is longer than anything that travels, at the decoders themselves: read or refused, and nothing else. */
    @Test
    void types_ofEveryFile_withAMegabyteOrAHundredThousandElements() {
        int types = 0;
        int refused = 0;
        for (FileDescriptor file : List.of(
                Control.getDescriptor().getFile(),
                PutRequest.getDescriptor().getFile(),
                KnockRequest.getDescriptor().getFile())) {
            for (Descriptor type : file.getMessageTypes()) {
                types++;
                refused += (int) unreadable(type, HostileBytes.largeOf(type));
            }
        }
        assertThat(refused).isGreaterThan(types);
        assertThat(types).isGreaterThan(60);
    }
}
