package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.HostileRecords;
import io.p2pvpn.dht.wire.proto.SignedRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Admission;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.IdList;
import io.p2pvpn.overlay.wire.proto.RingBroadcast;
import io.p2pvpn.overlay.wire.proto.RingLeave;
import io.p2pvpn.overlay.wire.proto.RingStatus;
import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.data.VirtualNetwork;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.trust.Issuer;
import io.p2pvpn.vpn.trust.MemberTerms;
import io.p2pvpn.vpn.trust.NamespaceAuthority;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.wire.proto.LeaseNotice;
import io.p2pvpn.vpn.wire.proto.LeaseValue;
import io.p2pvpn.vpn.wire.proto.NameValue;
import io.p2pvpn.vpn.wire.proto.TrustPut;
import io.p2pvpn.vpn.wire.proto.TrustSync;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attempts against a member of a closed namespace: each is to be seen in one counter of the member, nowhere else. */
class AttackTest {
    private static final long DAY_MILLIS = 86_400_000L;

    private AttackWorld world;

    @BeforeEach
    void build() {
        world = new AttackWorld();
    }

    // ------------------------------------------------------------------ admission

    private byte[] credential(NamespaceAuthority authority, Identity holder, long fromMillis, long toMillis) {
        return Issuer.of(authority)
                .issue(new MemberTerms(
                        holder.publicIdentity().signingKey(),
                        "evil",
                        Role.ADMIN,
                        filled(MemberTerms.SERIAL_BYTES),
                        filled(MemberTerms.SALT_BYTES),
                        fromMillis,
                        toMillis));
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 7);
        return bytes;
    }

    private long now() {
        return world.vpn.world().epochMillis() / 1000 * 1000;
    }

    /** What a node would show in its session with the victim. */
    private byte[] proof(Node signer, byte[] credential) {
        byte[] bound = concat(
                world.namespace().toByteArray(), world.from(world.stranger).handshakeHash());
        return concat(signer.identity().sign("p2pvpn admission v1", bound), credential);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }

    private Admission.Builder admission(byte[] proof) {
        return Admission.newBuilder()
                .setRing(world.ring())
                .setChannel(9)
                .setBinding(ByteString.copyFrom(world.from(world.stranger).handshakeHash()))
                .setProof(ByteString.copyFrom(proof));
    }

    private void show(Admission.Builder admission) {
        world.from(world.stranger)
                .send(Control.newBuilder().setAdmission(admission).build());
    }

    private void assertRefused(byte[] proof) {
        world.assertOnly(world.stranger, "ring.drop.admission-refused", 1, () -> show(admission(proof)));
    }

    private byte[] membersCredential() {
        return Objects.requireNonNull(AttackWorld.membership(world.member).credential())
                .encode();
    }

    @Test
    void admission_ofRandomBytes() {
        byte[] random = new byte[400];
        new SplittableRandom(1).nextBytes(random);
        world.assertOnly(world.stranger, "ring.drop.admission-refused", 4, () -> {
            for (int length : new int[] {0, 63, 64, 400}) {
                show(admission(Arrays.copyOf(random, length)));
            }
        });
    }

    @Test
    void admission_byAnotherAuthorityOfTheSameName() {
        NamespaceAuthority other = NamespaceAuthority.generate(
                Objects.requireNonNull(world.stranger.host().runtime()).keys());
        byte[] certificate = credential(other, world.stranger.identity(), now(), now() + DAY_MILLIS);
        assertRefused(proof(world.stranger, certificate));
    }

    @Test
    void admission_byACertificateThatHasRunOut_orIsNotYetValid() throws Exception {
        NamespaceAuthority authority = world.authority();
        Identity holder = world.stranger.identity();
        assertRefused(proof(world.stranger, credential(authority, holder, now() - 2 * DAY_MILLIS, now() - DAY_MILLIS)));
        assertRefused(proof(world.stranger, credential(authority, holder, now() + DAY_MILLIS, now() + 2 * DAY_MILLIS)));
        // The same of today lets it in: it is the time that kept it out.
        show(admission(proof(world.stranger, credential(authority, holder, now(), now() + DAY_MILLIS))));
        world.vpn.runFor(1);
        assertThat(world.victimsRing().peers()).hasSize(3);
    }

    @Test
    void admission_byTheCertificateOfAnotherKey() {
        assertRefused(proof(world.stranger, membersCredential()));
        // Signed by that key too, for another session: a member tells a stranger what it would say.
        assertRefused(proof(world.member, membersCredential()));
    }

    @Test
    void admission_whoseBytesWereChanged() throws Exception {
        byte[] proof =
                proof(world.stranger, credential(world.authority(), world.stranger.identity(), now(), now() + 1000));
        world.assertOnly(world.stranger, "ring.drop.admission-refused", proof.length, () -> {
            for (int i = 0; i < proof.length; i++) {
                byte[] changed = proof.clone();
                changed[i] ^= 1;
                show(admission(changed));
            }
        });
    }

    @Test
    void admission_ofAnotherSession() {
        byte[] others = world.from(world.member).handshakeHash();
        byte[] signature = world.member
                .identity()
                .sign("p2pvpn admission v1", concat(world.ring().toByteArray(), others));
        world.assertOnly(
                world.stranger,
                "ring.drop.admission-unbound",
                1,
                () -> show(admission(concat(signature, membersCredential())).setBinding(ByteString.copyFrom(others))));
    }

    /** Who says it knows of other decisions is asked for them, and shown our certificate, if it is a member only. */
    @Test
    void admission_ofAStrangerThatNamesAnotherEpoch() {
        world.assertOnly(
                world.stranger,
                "ring.drop.admission-refused",
                1,
                () -> show(admission(proof(world.stranger, membersCredential()))
                        .setEpoch(ByteString.copyFrom(filled(32)))));
    }

    @Test
    void admission_toARingThatIsNotHere() {
        world.assertOnly(
                world.stranger,
                "ring.drop.unknown-ring",
                1,
                () -> show(admission(filled(200)).setRing(ByteString.copyFrom(filled(20)))));
    }

    // ---------------------------------------------------------------------- trust

    @Test
    void decisions_askedForOrToldByAStranger() {
        TrustSync asked = TrustSync.newBuilder()
                .setNamespaceId(world.ring())
                .setBinding(ByteString.copyFrom(world.from(world.stranger).handshakeHash()))
                .setProof(ByteString.copyFrom(proof(world.stranger, membersCredential())))
                .build();
        world.assertOnly(world.stranger, "trust.drop.unproven", 1, 1, () -> call("trust.sync", asked.toByteArray()));
        TrustPut told = TrustPut.newBuilder()
                .setNamespaceId(world.ring())
                .addEntries(ByteString.copyFrom(filled(100)))
                .build();
        world.assertOnly(world.stranger, "trust.drop.stranger", 1, 1, () -> call("trust.put", told.toByteArray()));
    }

    private void call(String method, byte[] body) {
        world.from(world.stranger).send(AttackWorld.call(method, body));
    }

    @Test
    void decisions_thatNobodyHasSigned_toldByAMember() {
        TrustPut told = TrustPut.newBuilder()
                .setNamespaceId(world.ring())
                .addEntries(ByteString.copyFrom(filled(100)))
                .addEntries(ByteString.EMPTY)
                .build();
        world.assertOnly(
                world.member,
                "trust.drop.entry",
                2,
                1,
                () -> world.from(world.member).send(AttackWorld.call("trust.put", told.toByteArray())));
    }

    // ----------------------------------------------------------------------- ring

    @Test
    void privateRing_messagesOfAStranger() {
        OverlayId target = world.victimsRing().self();
        world.assertOnly(world.stranger, "ring.drop.not-a-member", 8, () -> {
            for (String method : List.of("ring.join", "namespace.member", "trust.sync", "dht.get", "dht.put")) {
                world.from(world.stranger).send(world.ringCall(target, method, new byte[0]));
            }
            byte[] frame = new byte[100];
            world.from(world.stranger)
                    .send(Control.newBuilder()
                            .setRingMessage(world.ringMessage(target).setFrame(ByteString.copyFrom(frame)))
                            .build());
            ByteString self = ByteString.copyFrom(AttackWorld.id(world.stranger).toByteArray());
            world.from(world.stranger)
                    .send(Control.newBuilder()
                            .setRingStatus(RingStatus.newBuilder()
                                    .setRing(world.ring())
                                    .setRingId(self)
                                    .setJoined(true))
                            .build());
            world.from(world.stranger)
                    .send(Control.newBuilder()
                            .setRingLeave(
                                    RingLeave.newBuilder().setRing(world.ring()).setRingId(self))
                            .build());
        });
    }

    @Test
    void privateRing_membersAskedForByAStranger() {
        byte[] asked = IdList.newBuilder()
                .setRing(world.ring())
                .addIds(ByteString.copyFrom(Objects.requireNonNull(
                                AttackWorld.membership(world.founder).overlayId())
                        .toByteArray()))
                .build()
                .toByteArray();
        world.assertOnly(world.stranger, "ring.drop.not-a-member", 1, 1, () -> call("ring.contacts", asked));
    }

    private byte[] broadcast(OverlayId sender, OverlayId source, Arc arc) {
        return RingBroadcast.newBuilder()
                .setRing(world.ring())
                .setSource(ByteString.copyFrom(source.toByteArray()))
                .setNumber(1)
                .setFrom(ByteString.copyFrom(arc.from().toByteArray()))
                .setTo(ByteString.copyFrom(arc.to().toByteArray()))
                .setHops(source.equals(sender) ? 1 : 2)
                .setKind("test")
                .build()
                .toByteArray();
    }

    @Test
    void broadcast_ofAStranger_orToAnArcThatCannotBe() {
        OverlayId victims = world.victimsRing().self();
        OverlayId strangers = AttackWorld.id(world.stranger);
        OverlayId members =
                Objects.requireNonNull(AttackWorld.membership(world.member).overlayId());
        world.assertOnly(
                world.stranger,
                "ring.drop.not-a-member",
                1,
                1,
                () -> call("ring.broadcast", broadcast(strangers, strangers, Arc.only(victims))));
        world.assertOnly(world.member, "broadcast.drop.misplaced", 2, 2, () -> {
            world.from(world.member)
                    .send(AttackWorld.call("ring.broadcast", broadcast(members, members, Arc.whole(victims))));
            world.from(world.member)
                    .send(AttackWorld.call("ring.broadcast", broadcast(members, victims, Arc.only(victims))));
        });
    }

    @Test
    void privateRing_statusInTheNameOfAnotherMember() {
        OverlayId founders =
                Objects.requireNonNull(AttackWorld.membership(world.founder).overlayId());
        world.assertOnly(world.member, "ring.drop.not-a-member", 2, () -> {
            ByteString id = ByteString.copyFrom(founders.toByteArray());
            RingStatus.Builder status =
                    RingStatus.newBuilder().setRing(world.ring()).setRingId(id);
            RingLeave.Builder leave =
                    RingLeave.newBuilder().setRing(world.ring()).setRingId(id);
            world.from(world.member)
                    .send(Control.newBuilder().setRingStatus(status).build());
            world.from(world.member)
                    .send(Control.newBuilder().setRingLeave(leave).build());
        });
    }

    // -------------------------------------------------------------------- packets

    private static byte[] packet4(int source, int destination) {
        ByteBuffer ip = ByteBuffer.allocate(28);
        ip.put(0, (byte) 0x45).putShort(2, (short) 28).put(8, (byte) 64).put(9, (byte) 253);
        ip.putInt(12, source).putInt(16, destination);
        Checksum.writeIpv4Header(ip.array(), 0, 20);
        return ip.array();
    }

    /** With that many destination options before what it carries. */
    private byte[] packet6(long sourceHigh, int source, int destination, int extensions) {
        int payload = 8 * extensions + 8;
        ByteBuffer ip = ByteBuffer.allocate(40 + payload);
        ip.put((byte) 0x60).position(4);
        ip.putShort((short) payload).put((byte) (extensions > 0 ? 60 : 253)).put((byte) 64);
        ip.putLong(sourceHigh).putLong(VirtualNetwork.ulaLow(source));
        ip.putLong(ulaHigh()).putLong(VirtualNetwork.ulaLow(destination));
        for (int i = 1; i <= extensions; i++) {
            // The only option is padding that fills it.
            ip.put((byte) (i < extensions ? 60 : 253))
                    .put((byte) 0)
                    .put((byte) 1)
                    .put((byte) 4)
                    .putInt(0);
        }
        return ip.array();
    }

    private long ulaHigh() {
        return Objects.requireNonNull(AttackWorld.membership(world.victim).descriptor())
                .ulaHigh();
    }

    private void sendPacket(Node attacker, byte[] packet) {
        world.sendPlain(attacker, Frame.KIND_PACKET, world.channel(), packet);
    }

    @Test
    void packet_ofAStranger() {
        byte[] packet = packet4(world.member.address(), world.victim.address());
        world.assertOnly(world.stranger, "data.drop.not-a-member", 1, () -> sendPacket(world.stranger, packet));
        world.assertOnly(
                world.stranger,
                "data.drop.channel",
                1,
                () -> world.sendPlain(world.stranger, Frame.KIND_PACKET, 200, packet));
    }

    /** Outside of the namespace: nobody can hold it, so nobody is asked whose it is. */
    @Test
    void packet_fromAForeignSource() {
        int victim = world.victim.address();
        world.assertOnly(world.member, "data.drop.source", 4, () -> {
            sendPacket(world.member, packet4(0x08080808, victim));
            sendPacket(world.member, packet6(ulaHigh() + 1, world.member.address(), victim, 0));
            for (int extensions : new int[] {1, 8}) {
                sendPacket(world.member, packet6(ulaHigh() + 1, world.member.address(), victim, extensions));
            }
        });
    }

    /** The victim looks up whose address it is: the sender might hold it since a moment ago. */
    @Test
    void packet_fromTheAddressOfAnotherMember() {
        int victim = world.victim.address();
        int spoofed = world.founder.address();
        world.assertOnly(world.member, Map.of("data.drop.source", 4L, "dht.get.found", 1L), 0, () -> {
            sendPacket(world.member, packet4(spoofed, victim));
            for (int extensions : new int[] {0, 1, 8}) {
                sendPacket(world.member, packet6(ulaHigh(), spoofed, victim, extensions));
            }
        });
    }

    @Test
    void packet_withLengthsThatCannotBe() {
        byte[] right = packet4(world.member.address(), world.victim.address());
        byte[] right6 = packet6(ulaHigh(), world.member.address(), world.victim.address(), 1);
        world.assertOnly(world.member, "data.drop.malformed", 7, () -> {
            for (int total : new int[] {0, 19, 29, 0xffff}) {
                byte[] packet = right.clone();
                ByteBuffer.wrap(packet).putShort(2, (short) total);
                sendPacket(world.member, packet);
            }
            byte[] shortHeader = right.clone();
            shortHeader[0] = 0x44;
            sendPacket(world.member, shortHeader);
            byte[] longExtension = right6.clone();
            longExtension[41] = (byte) 0xff;
            sendPacket(world.member, longExtension);
            sendPacket(world.member, packet6(ulaHigh(), world.member.address(), world.victim.address(), 9));
        });
    }

    // -------------------------------------------------------------- leases, records

    @Test
    void lease_thatSomebodyElseSaysIsNotOurs() {
        byte[] notice = LeaseNotice.newBuilder()
                .setNamespaceId(world.ring())
                .setIpv4(world.founder.address())
                .build()
                .toByteArray();
        world.assertOnly(world.stranger, "lease.drop.unmapped", 1, 1, () -> call("lease.unmapped", notice));
        world.assertOnly(
                world.member,
                "lease.drop.unmapped",
                1,
                1,
                () -> world.from(world.member).send(AttackWorld.call("lease.unmapped", notice)));
    }

    private void assertPutRefused(String counter, OverlayId key, SignedRecord record) {
        OverlayId position = coveredPosition(key).orElseThrow();
        world.assertOnly(
                world.member,
                counter,
                1,
                1,
                () -> world.from(world.member)
                        .send(
                                Control.newBuilder()
                                        .setRingMessage(world
                                                .ringCall(position, "dht.put", HostileRecords.put(record))
                                                .getRingMessage()
                                                .toBuilder()
                                                .setExact(false))
                                        .build()));
    }

    /** One of the key's positions that the victim covers. */
    private Optional<OverlayId> coveredPosition(OverlayId key) {
        List<OverlayId> others = Stream.of(world.founder, world.member)
                .map(other ->
                        Objects.requireNonNull(AttackWorld.membership(other).overlayId()))
                .toList();
        return HostileRecords.positionCoveredBy(key, world.victimsRing().self(), others);
    }

    private SignedRecord claim(OverlayId key, byte[] value) {
        return HostileRecords.claim(
                world.member.identity(), world.ring().toByteArray(), key, value, membersCredential(), now());
    }

    private static OverlayId leaseKey(int ipv4) {
        return DhtKeys.of("lease", ByteBuffer.allocate(4).putInt(ipv4).array()).withLowestBit(false);
    }

    private static OverlayId nameKey(String name) {
        return DhtKeys.of("name", name.getBytes(StandardCharsets.UTF_8)).withLowestBit(false);
    }

    private static byte[] lease(int ipv4) {
        return LeaseValue.newBuilder().setIpv4(ipv4).build().toByteArray();
    }

    @Test
    void record_overwrittenBySomebodyElse() {
        Membership membership = AttackWorld.membership(world.victim);
        DhtRecord standing = Objects.requireNonNull(membership.dht()).storedRecords().stream()
                .filter(record -> record.owner().equals(world.founder.identity().publicIdentity()))
                .findFirst()
                .orElseThrow();
        assertPutRefused(
                "dht.drop.invalid",
                standing.key(),
                HostileRecords.overwritten(standing, lease(world.member.address())));
        assertPutRefused(
                "dht.drop.invalid",
                standing.key(),
                HostileRecords.inTheNameOf(
                        world.founder.identity().publicIdentity(), claim(standing.key(), standing.value())));
    }

    @Test
    void name_ofAnotherMember() {
        String name = Stream.of(world.founder, world.victim)
                .map(owner -> owner.host().name())
                .filter(each -> coveredPosition(nameKey(each)).isPresent())
                .findFirst()
                .orElseThrow();
        byte[] value = NameValue.newBuilder()
                .setHostName(name)
                .setIpv4(world.member.address())
                .build()
                .toByteArray();
        assertPutRefused("dht.drop.policy", nameKey(name), claim(nameKey(name), value));
    }

    @Test
    void address_underAKeyOrOutsideOfThePrefix_whereItCannotBe() {
        OverlayId key = leaseKey(world.founder.address());
        assertPutRefused("dht.drop.policy", key, claim(key, lease(world.member.address())));
        OverlayId outside = leaseKey(0x08080808);
        assertPutRefused("dht.drop.policy", outside, claim(outside, lease(0x08080808)));
    }

    /** Of two claims that meet, that of the smaller hash stays: a member that is not favoured by it gets nowhere. */
    @Test
    void address_ofAnotherMember_thatHasTheSmallerHash() {
        int tried = 0;
        for (Node holder : List.of(world.founder, world.victim)) {
            OverlayId key = leaseKey(holder.address());
            if (Arrays.compareUnsigned(rank(key, world.member), rank(key, holder)) > 0) {
                assertPutRefused("dht.drop.held", key, claim(key, lease(holder.address())));
                tried++;
            }
        }
        assertThat(tried).isPositive();
    }

    private static byte[] rank(OverlayId key, Node owner) {
        return Digests.sha256(
                key.toByteArray(), owner.identity().publicIdentity().signingKey());
    }

    @Test
    void record_withoutACertificate() {
        OverlayId key = leaseKey(world.member.address());
        SignedRecord record = HostileRecords.claim(
                world.stranger.identity(),
                world.ring().toByteArray(),
                key,
                lease(world.member.address()),
                membersCredential(),
                now());
        assertPutRefused("dht.drop.policy", key, record);
    }
}
