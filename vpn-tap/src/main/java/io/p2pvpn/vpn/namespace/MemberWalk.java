package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.Names;
import io.p2pvpn.vpn.wire.proto.MemberReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lists the members that are there, from neighbour to neighbour round a namespace's ring. Who does not answer is left
 * out; so are members beyond a bound. Confined to the node's loop.
 */
final class MemberWalk {
    /** Members that are listed at most. */
    static final int MEMBERS_MAX = 1024;

    private static final String METHOD = "namespace.member";
    private static final int CALLS_MAX = 8;
    private static final int SUCCESSORS_MAX = 4;
    private static final long WALK_NANOS_MAX = 8_000_000_000L;

    /**
     * A member that answered.
     *
     * @param place its ID in the ring
     * @param identity its keys
     * @param credential what it shows; null in an open namespace
     * @param ipv4 its address by its own account, 0 if it has none
     * @param hostName its name: the certified one, or by its own account
     */
    record Member(
            OverlayId place,
            PublicIdentity identity,
            @Nullable MemberCredential credential,
            int ipv4,
            String hostName) {}

    private final OverlayNode node;
    private final Ring ring;
    private final NamespaceTrust trust;
    private final String hostName;
    private final IntSupplier ipv4;

    /** Answers others that walk, from now on. */
    MemberWalk(OverlayNode node, Ring ring, NamespaceTrust trust, String hostName, IntSupplier ipv4) {
        this.node = node;
        this.ring = ring;
        this.trust = trust;
        this.hostName = hostName;
        this.ipv4 = ipv4;
        ring.handle(METHOD, call -> CompletableFuture.completedFuture(own().toByteArray()));
    }

    private MemberReport own() {
        MemberReport.Builder report = MemberReport.newBuilder()
                .setIdentity(ByteString.copyFrom(node.identity().encode()))
                .setCredential(ByteString.copyFrom(trust.credential()))
                .setIpv4(ipv4.getAsInt())
                .setHostName(hostName);
        for (Contact each : ring.successors()) {
            report.addSuccessors(ByteString.copyFrom(each.ringId().toByteArray()));
        }
        return report.build();
    }

    /** All members that answer, in the order in which they did. */
    CompletableFuture<List<Member>> walk() {
        return new Walk().start();
    }

    private final class Walk {
        private final CompletableFuture<List<Member>> done = new CompletableFuture<>();
        private final List<Member> found = new ArrayList<>();
        private final TreeSet<OverlayId> known = new TreeSet<>();
        private final ArrayDeque<OverlayId> next = new ArrayDeque<>();
        private int open;

        CompletableFuture<List<Member>> start() {
            known.add(ring.self());
            take(ring.self(), own());
            node.runtime().timers().schedule(WALK_NANOS_MAX, this::end);
            go();
            return done;
        }

        private void go() {
            while (open < CALLS_MAX && !next.isEmpty() && found.size() < MEMBERS_MAX) {
                open++;
                OverlayId place = next.remove();
                Completions.whenDone(
                        node.runtime().timers(),
                        ring.call(place, RingService.Delivery.EXACT, METHOD, new byte[0]),
                        (reply, failure) -> {
                            open--;
                            MemberReport report = failure == null ? parse(reply.body()) : null;
                            if (report != null) {
                                take(place, report);
                            }
                            go();
                        });
            }
            if (open == 0) {
                end();
            }
        }

        private void end() {
            done.complete(List.copyOf(found));
        }

        private void take(OverlayId place, MemberReport report) {
            PublicIdentity identity = node.identities().parse(report.getIdentity());
            byte[] shown = report.getCredential().toByteArray();
            if (identity == null
                    || !trust.entitles(shown, identity)
                    || !place.equals(trust.placeOf(identity, shown))
                    || found.size() >= MEMBERS_MAX) {
                return;
            }
            MemberCredential credential = trust.descriptor().open() ? null : trust.parse(shown);
            String name = credential == null
                    ? shown(report.getHostName())
                    : credential.member().name();
            found.add(new Member(place, identity, credential, report.getIpv4(), name));
            report.getSuccessorsList().stream().limit(SUCCESSORS_MAX).forEach(this::add);
        }

        private void add(ByteString encoded) {
            if (encoded.size() == OverlayId.BYTES && known.size() < 2 * MEMBERS_MAX) {
                OverlayId place = OverlayId.of(encoded.toByteArray());
                if (known.add(place)) {
                    next.add(place);
                }
            }
        }
    }

    /** What somebody calls himself goes to people's screens: nothing that is no name does. */
    private static String shown(String ownName) {
        return Names.isName(ownName) ? ownName : "";
    }

    private static @Nullable MemberReport parse(byte[] encoded) {
        try {
            return MemberReport.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
