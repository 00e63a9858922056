package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.wire.proto.AdministratorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Has our certificate renewed from the middle of its life on, by whichever administrator can be reached. Confined to
 * the node's loop.
 */
final class CertificateKeeper {
    /** Between two rounds of asking, at most; the nearer the end, the more often. */
    private static final long PAUSE_MILLIS_MAX = 3600_000;

    private static final long PAUSE_MILLIS_MIN = 20_000;
    private static final int PAUSES_TO_THE_END = 8;

    private final NodeRuntime runtime;
    private final Identity identity;
    private final Dht dht;
    private final Ring ring;
    private final NamespaceTrust trust;
    private final Registrar registrar;
    private final Consumer<ByteString> onRenewed;
    private long nextMillis;

    /** @param onRenewed told the new credential */
    CertificateKeeper(
            NodeRuntime runtime,
            Identity identity,
            Dht dht,
            Ring ring,
            NamespaceTrust trust,
            Registrar registrar,
            Consumer<ByteString> onRenewed) {
        this.runtime = runtime;
        this.identity = identity;
        this.dht = dht;
        this.ring = ring;
        this.trust = trust;
        this.registrar = registrar;
        this.onRenewed = onRenewed;
    }

    /** To be called now and then: asks if it is time to. */
    void look() {
        MemberCredential own = trust.own();
        long now = runtime.clock().epochMillis();
        if (own == null || now < nextMillis || now < halfLifeMillis(own)) {
            return;
        }
        long leftMillis = trust.state().endMillis(own) - now;
        nextMillis = now + Math.max(PAUSE_MILLIS_MIN, Math.min(PAUSE_MILLIS_MAX, leftMillis / PAUSES_TO_THE_END));
        ByteString renewed = registrar.renewOwn();
        if (renewed != null) {
            take(renewed.toByteArray());
            return;
        }
        Completions.whenDone(
                runtime.timers(), dht.get(Registrar.ADMINISTRATORS, GetOptions.MAJORITY), (found, failure) -> {
                    if (failure == null) {
                        ask(administrators(found.records()));
                    }
                });
    }

    private long halfLifeMillis(MemberCredential own) {
        long startMillis = own.member().terms().notBeforeMillis();
        return startMillis + (trust.state().endMillis(own) - startMillis) / 2;
    }

    private List<OverlayId> administrators(List<DhtRecord> records) {
        List<OverlayId> places = new ArrayList<>();
        for (DhtRecord record : records) {
            MemberCredential shown = trust.parse(record.credential());
            OverlayId place = trust.placeOf(record.owner(), record.credential());
            if (shown == null || place == null || place.equals(ring.self())) {
                continue;
            }
            if (shown.member().mayIssue() && isPlace(record.value(), place)) {
                places.add(place);
            }
        }
        return places;
    }

    private static boolean isPlace(byte[] value, OverlayId place) {
        try {
            return AdministratorValue.parseFrom(value).getRingId().equals(ByteString.copyFrom(place.toByteArray()));
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    /** One after another, until one answers. */
    private void ask(List<OverlayId> administrators) {
        if (administrators.isEmpty()) {
            runtime.counters().counter("trust.renewal.unanswered").increment();
            return;
        }
        OverlayId first = administrators.get(0);
        Completions.whenDone(
                runtime.timers(),
                ring.call(first, RingService.Delivery.EXACT, Registrar.RENEW, registrar.renewRequest()),
                (reply, failure) -> {
                    if (failure != null || !take(reply.body())) {
                        ask(administrators.subList(1, administrators.size()));
                    }
                });
    }

    /** Takes it if it is what we have, for longer. */
    private boolean take(byte[] bytes) {
        MemberCredential own = trust.own();
        MemberCredential renewed = trust.parse(bytes);
        boolean longer = own != null
                && renewed != null
                && trust.state().endMillis(renewed) > trust.state().endMillis(own);
        return longer && install(bytes);
    }

    /** Takes it if it is what we have; it may be for shorter, or with another role. */
    boolean install(byte[] bytes) {
        MemberCredential own = trust.own();
        MemberCredential renewed = trust.parse(bytes);
        boolean right = own != null
                && renewed != null
                && renewed.member().name().equals(own.member().name())
                && trust.entitles(bytes, identity.publicIdentity())
                && ring.self().equals(trust.placeOf(identity.publicIdentity(), bytes));
        if (right) {
            runtime.counters().counter("trust.renewed").increment();
            onRenewed.accept(ByteString.copyFrom(bytes));
        }
        return right;
    }

    /** Asks as soon as may be. */
    void hurry() {
        nextMillis = 0;
        look();
    }
}
