package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.namespace.Membership;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What the public DHT shows of a namespace, to somebody who sees all of its records at all times. */
class RendezvousTest {
    /** The world begins at a full hour: this brings the next boundary near. */
    private static final long SKEW_MILLIS = 45 * 60_000;

    private static final int MINUTES = 20;

    @Test
    void recordsOfTheMeetingPlace_overPeriods_cannotBeLinkedToMembersOrToEachOther() {
        SimSeeds.forEach(Seeds.count(100), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET);
            Node bootstrap = world.bootstrap();
            List<Node> members = VpnWorld.list(world.add(), world.add(), world.add());
            members.forEach(member -> {
                member.host().setWallClockSkewMillis(SKEW_MILLIS);
                world.start(member, VpnWorld.options("m"), bootstrap);
            });
            assertThat(world.runUntilOne(members, 120)).isNotNegative();
            Map<String, DhtRecord> seen = new TreeMap<>();
            for (int minute = 0; minute < MINUTES; minute += 2) {
                world.runFor(120);
                collect(world, seen);
            }
            judge(members, seen.values());
            // They meet still: who comes back finds the others, though the door's keeper may be away.
            Node back = members.get(2);
            back.crash();
            world.runFor(20);
            world.start(back, VpnWorld.options("m"), bootstrap);
            assertThat(world.runUntilOne(members, 60)).isNotNegative();
        });
    }

    private static void collect(VpnWorld world, Map<String, DhtRecord> seen) {
        for (Node node : world.nodes()) {
            for (DhtRecord record : node.daemon().publicDht().storedRecords()) {
                seen.put(record.key() + " " + record.owner().nodeId() + " " + record.sequence(), record);
            }
        }
    }

    private static void judge(List<Node> members, Iterable<DhtRecord> seen) {
        TreeSet<OverlayId> identities = new TreeSet<>();
        members.forEach(
                member -> identities.add(member.daemon().node().publicRing().self()));
        TreeMap<OverlayId, Set<OverlayId>> keysByOwner = new TreeMap<>();
        TreeMap<OverlayId, Set<OverlayId>> ownersByKey = new TreeMap<>();
        TreeSet<OverlayId> doors = new TreeSet<>();
        TreeSet<Integer> lengths = new TreeSet<>();
        for (DhtRecord record : seen) {
            OverlayId owner = record.owner().nodeId();
            if (identities.contains(owner)) {
                doors.add(record.key());
            } else {
                keysByOwner
                        .computeIfAbsent(owner, unused -> new LinkedHashSet<>())
                        .add(record.key());
                ownersByKey
                        .computeIfAbsent(record.key(), unused -> new LinkedHashSet<>())
                        .add(owner);
                lengths.add(record.value().length);
                noneIsReadable(members, record.value());
            }
        }
        assertThat(doors).as("keys under which members sign by their own names").hasSize(1);
        assertThat(ownersByKey).as("a place per period").hasSizeGreaterThanOrEqualTo(2);
        assertThat(ownersByKey.values()).allSatisfy(owners -> assertThat(owners).hasSizeLessThanOrEqualTo(3));
        assertThat(keysByOwner.values())
                .as("no signer is met in two periods")
                .allSatisfy(keys -> assertThat(keys).hasSize(1));
        assertThat(lengths).as("all records are of one length").hasSize(1);
    }

    private static void noneIsReadable(List<Node> members, byte[] value) {
        List<byte[]> hidden = new ArrayList<>();
        for (Node member : members) {
            Membership membership = Objects.requireNonNull(member.membership());
            hidden.add(member.daemon().node().identity().signingKey());
            hidden.add(member.daemon().node().identity().nodeId().toByteArray());
            hidden.add(Objects.requireNonNull(membership.overlayId()).toByteArray());
            hidden.add(member.host().address().addressBytes());
            hidden.add(Objects.requireNonNull(member.namespaceId()).toByteArray());
        }
        String text = new String(value, StandardCharsets.ISO_8859_1);
        for (byte[] secret : hidden) {
            assertThat(text).doesNotContain(new String(secret, StandardCharsets.ISO_8859_1));
        }
    }
}
