package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.dht.GetResult;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingCall;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.trust.ApprovalCode;
import io.p2pvpn.vpn.trust.InviteToken;
import io.p2pvpn.vpn.trust.Issuer;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.MemberTerms;
import io.p2pvpn.vpn.trust.Renewal;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.trust.TrustEntry;
import io.p2pvpn.vpn.wire.proto.AdministratorValue;
import io.p2pvpn.vpn.wire.proto.Decision;
import io.p2pvpn.vpn.wire.proto.KnockRefusal;
import io.p2pvpn.vpn.wire.proto.RenewRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets newcomers into a closed namespace: every member at its door, by what administrators have decided; and
 * administrators decide, give out invites, renew certificates and put members out. Confined to the node's loop.
 */
final class Registrar {
    /** The ring call by which a member asks for a new certificate. */
    static final String RENEW = "trust.renew";

    /** How long certificates are valid if nothing else is said. */
    static final long VALID_MILLIS = 30L * 24 * 3600 * 1000;
    /** The longest that can be asked for. */
    static final long VALID_MILLIS_MAX = 398L * 24 * 3600 * 1000;
    /** The shortest that can be asked for. */
    static final long VALID_MILLIS_MIN = 60_000;

    /** What administrators are found by. */
    static final OverlayId ADMINISTRATORS = DhtKeys.of("administrators");

    private static final long RENEW_CLOCK_MILLIS = 2 * 3600 * 1000L;
    private static final int DECISION_SECONDS = 3600;
    private static final int DENIAL_SECONDS = 600;
    private static final int ADMINISTRATOR_SECONDS = 3600;
    /** No certificate of whoever is put out outlives this. */
    private static final long BAN_MILLIS = VALID_MILLIS_MAX + 2L * 24 * 3600 * 1000;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final NodeRuntime runtime;
    private final Identity identity;
    private final Dht dht;
    private final Ring ring;
    private final NamespaceTrust trust;
    private final IssuerBook book;
    private final WaitingRoom waitingRoom;
    private final Function<TrustEntry, CompletableFuture<Void>> decide;

    /** @param decide takes a decision of ours and tells everybody */
    Registrar(
            NodeRuntime runtime,
            Identity identity,
            Dht dht,
            Ring ring,
            NamespaceTrust trust,
            IssuerBook book,
            Function<TrustEntry, CompletableFuture<Void>> decide) {
        this.runtime = runtime;
        this.identity = identity;
        this.dht = dht;
        this.ring = ring;
        this.trust = trust;
        this.book = book;
        this.waitingRoom = new WaitingRoom(runtime, dht);
        this.decide = decide;
        ring.handle(RENEW, this::onRenew);
    }

    /** Begins, when we are a member: an administrator lets itself be found. */
    void start() {
        Issuer issuer = trust.issuer();
        if (issuer != null && issuer.mayIssue() && !trust.descriptor().open()) {
            byte[] value = AdministratorValue.newBuilder()
                    .setRingId(ByteString.copyFrom(ring.self().toByteArray()))
                    .build()
                    .toByteArray();
            var unused = dht.put(ADMINISTRATORS, value, ADMINISTRATOR_SECONDS).exceptionally(failure -> null);
        }
    }

    void close() {
        waitingRoom.close();
    }

    // --------------------------------------------------------------------- the door

    /**
     * A newcomer asks to be let in.
     *
     * @param host the address it comes from, or null
     * @param invite the secret of an invite, or empty
     * @return its credential; null while it has to wait
     */
    CompletableFuture<Admittance> onKnock(
            PublicIdentity who, @Nullable String host, String hostName, ByteString invite) {
        if (!invite.isEmpty()) {
            return redeem(who, hostName, invite);
        }
        ByteString key = ByteString.copyFrom(who.signingKey());
        return dht.get(decisionKey(key), GetOptions.MAJORITY).thenApply(found -> {
            Admittance decided = decision(who, found);
            if (decided.isWaiting()) {
                waitingRoom.note(who, host, hostName);
            } else {
                waitingRoom.remove(key);
            }
            return decided;
        });
    }

    /** What becomes of a newcomer: a credential, a refusal, or neither while it has to wait. */
    record Admittance(ByteString credential, KnockRefusal refusal) {
        static final Admittance WAITING = new Admittance(ByteString.EMPTY, KnockRefusal.KNOCK_REFUSAL_NONE);

        static Admittance refused(KnockRefusal refusal) {
            return new Admittance(ByteString.EMPTY, refusal);
        }

        boolean isWaiting() {
            return credential.isEmpty() && refusal == KnockRefusal.KNOCK_REFUSAL_NONE;
        }
    }

    private Admittance decision(PublicIdentity who, GetResult found) {
        boolean denied = false;
        for (DhtRecord record : found.records()) {
            MemberCredential by = trust.parse(record.credential());
            if (by == null || !by.member().mayIssue()) {
                continue;
            }
            ByteString credential = credential(record);
            if (credential.isEmpty()) {
                denied = true;
            } else if (trust.entitles(credential.toByteArray(), who)) {
                return new Admittance(credential, KnockRefusal.KNOCK_REFUSAL_NONE);
            }
        }
        return denied ? Admittance.refused(KnockRefusal.KNOCK_REFUSAL_DENIED) : Admittance.WAITING;
    }

    private static ByteString credential(DhtRecord record) {
        try {
            return Decision.parseFrom(record.value()).getCredential();
        } catch (InvalidProtocolBufferException e) {
            return ByteString.EMPTY;
        }
    }

    private static OverlayId decisionKey(ByteString key) {
        return DhtKeys.of("decision", key.toByteArray());
    }

    private CompletableFuture<Admittance> redeem(PublicIdentity who, String hostName, ByteString secret) {
        Issuer issuer = trust.issuer();
        IssuerBook.Entry invite = issuer == null ? null : book.invite(secret);
        ByteString key = ByteString.copyFrom(who.signingKey());
        if (issuer == null || invite == null) {
            return refused(KnockRefusal.KNOCK_REFUSAL_INVITE_UNKNOWN);
        }
        if (trust.state().isBanned(who.signingKey())) {
            return refused(KnockRefusal.KNOCK_REFUSAL_REVOKED);
        }
        MemberCredential before = invite.wasUsedBy(key) ? book.issuedTo(key) : null;
        if (before != null && trust.entitles(before.encode(), who)) {
            // The answer to its first call was lost, or the disk was full then.
            ByteString given = ByteString.copyFrom(before.encode());
            return book.write().thenApply(kept -> new Admittance(given, KnockRefusal.KNOCK_REFUSAL_NONE));
        }
        if (invite.isExpired(now())) {
            return refused(KnockRefusal.KNOCK_REFUSAL_INVITE_EXPIRED);
        }
        if (!invite.wasUsedBy(key) && !invite.take(key)) {
            return refused(KnockRefusal.KNOCK_REFUSAL_INVITE_USED_UP);
        }
        CompletableFuture<Boolean> named = isNameFree(hostName, key).whenComplete((free, failure) -> {
            if (failure != null || !free) {
                invite.giveBack(key);
            }
        });
        return named.thenCompose(free -> {
            if (!free) {
                return refused(KnockRefusal.KNOCK_REFUSAL_NAME_TAKEN);
            }
            ByteString credential = issue(issuer, key, hostName, invite.role(), newSalt(), invite.validMillis());
            book.keep(credential);
            return book.write().thenApply(kept -> new Admittance(credential, KnockRefusal.KNOCK_REFUSAL_NONE));
        });
    }

    private static CompletableFuture<Admittance> refused(KnockRefusal refusal) {
        return CompletableFuture.completedFuture(Admittance.refused(refusal));
    }

    // --------------------------------------------------------------------- issuing

    private ByteString issue(Issuer issuer, ByteString key, String name, Role role, byte[] salt, long validMillis) {
        byte[] serial = new byte[MemberTerms.SERIAL_BYTES];
        runtime.keys().fill(serial);
        long now = now();
        long end = Math.min(now + validMillis, issuer.notAfterMillis());
        return ByteString.copyFrom(
                issuer.issue(new MemberTerms(key.toByteArray(), name, role, serial, salt, now, end)));
    }

    private byte[] newSalt() {
        byte[] salt = new byte[MemberTerms.SALT_BYTES];
        runtime.keys().fill(salt);
        return salt;
    }

    private long now() {
        return runtime.clock().epochMillis();
    }

    /** Whether no other member has that name, so far as this node and the namespace's DHT know. */
    private CompletableFuture<Boolean> isNameFree(String name, ByteString key) {
        for (MemberCredential each : book.issued()) {
            boolean other = !ByteString.copyFrom(each.member().memberKey()).equals(key);
            if (other
                    && each.member().name().equalsIgnoreCase(name)
                    && each.isValidAt(now())
                    && !trust.state().isBanned(each)) {
                return CompletableFuture.completedFuture(false);
            }
        }
        return dht.get(Directory.nameKey(name), GetOptions.MAJORITY).thenApply(found -> {
            DhtRecord holder = found.holder();
            return holder == null
                    || ByteString.copyFrom(holder.owner().signingKey()).equals(key);
        });
    }

    /** Who decides here; fails if nobody does. */
    private Issuer administrator() throws ControlException {
        Issuer issuer = trust.issuer();
        if (issuer == null) {
            throw new ControlException(
                    Kind.NOT_PERMITTED,
                    "this node is no administrator of " + trust.descriptor().name()
                            + ": run it on one that is (p2pvpn members)");
        }
        return issuer;
    }

    private Issuer mayIssue() throws ControlException {
        if (trust.descriptor().open()) {
            throw new ControlException(
                    Kind.WRONG_USAGE,
                    trust.descriptor().name() + " is open: everybody who knows its name gets in without");
        }
        Issuer issuer = administrator();
        if (!issuer.mayIssue()) {
            throw new ControlException(
                    Kind.NOT_PERMITTED,
                    "this node is too far from the authority of "
                            + trust.descriptor().name()
                            + " to let others in: have an administrator do it that the founder has appointed itself");
        }
        return issuer;
    }

    /** Notes an invite, and returns its secret. */
    CompletableFuture<ByteString> invite(int uses, long lifeMillis, Role role, long validMillis) {
        try {
            var unused = mayIssue();
        } catch (ControlException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        byte[] bytes = new byte[InviteToken.SECRET_BYTES];
        runtime.keys().fill(bytes);
        ByteString secret = ByteString.copyFrom(bytes);
        if (!book.add(secret, uses, now() + lifeMillis, role, validMillis)) {
            return CompletableFuture.failedFuture(new ControlException(
                    Kind.FAILED, IssuerBook.INVITES_MAX + " invites are open: wait until some have expired"));
        }
        return book.write().thenApply(kept -> secret);
    }

    // -------------------------------------------------------------------- deciding

    /** Who waits at any door. */
    CompletableFuture<List<WaitingRoom.Request>> requests() {
        return waitingRoom.all().thenApply(all -> {
            List<WaitingRoom.Request> open = new ArrayList<>(all);
            open.removeIf(each -> {
                MemberCredential given = book.issuedTo(each.key());
                return given != null && given.isValidAt(now()) && !trust.state().isBanned(given);
            });
            return open;
        });
    }

    /**
     * Lets somebody in who waits.
     *
     * @param typed its code, its ID in the public ring, or its name if no other bears that
     * @param name what it shall be called, or null for what it asked for
     */
    CompletableFuture<WaitingRoom.Request> approve(String typed, @Nullable String name, Role role, long validMillis) {
        Issuer issuer;
        try {
            issuer = mayIssue();
        } catch (ControlException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return meant(typed).thenCompose(request -> {
            String called = name == null ? request.hostName() : name;
            return isNameFree(called, request.key()).thenCompose(free -> {
                if (!free) {
                    return CompletableFuture.failedFuture(new ControlException(
                            Kind.FAILED,
                            "another member is called " + called + ": approve it under another name, with --name"));
                }
                return lift(issuer, request.key()).thenCompose(lifted -> {
                    MemberCredential before = book.issuedTo(request.key());
                    byte[] salt = before == null ? newSalt() : before.member().salt();
                    ByteString credential = issue(issuer, request.key(), called, role, salt, validMillis);
                    book.keep(credential);
                    waitingRoom.remove(request.key());
                    return book.write()
                            .thenCompose(kept -> publish(request.key(), credential, DECISION_SECONDS))
                            .thenApply(put -> request);
                });
            });
        });
    }

    /** Somebody who was put out may come back. */
    private CompletableFuture<Void> lift(Issuer issuer, ByteString key) {
        if (!trust.state().isBanned(key.toByteArray())) {
            return CompletableFuture.completedFuture(null);
        }
        List<OverlayId> bans = trust.state().bansOf(key.toByteArray(), issuer);
        TrustEntry lift = TrustEntry.lift(issuer, trust.descriptor().id(), bans, now(), now() + BAN_MILLIS);
        return decide.apply(lift).thenCompose(done -> {
            if (!trust.state().isBanned(key.toByteArray())) {
                return CompletableFuture.completedFuture(null);
            }
            return CompletableFuture.failedFuture(new ControlException(
                    Kind.NOT_PERMITTED,
                    "it was put out by an administrator that ranks above this one: have that one approve it"));
        });
    }

    /** Sends somebody away who waits. */
    CompletableFuture<WaitingRoom.Request> deny(String typed) {
        try {
            var unused = mayIssue();
        } catch (ControlException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return meant(typed).thenCompose(request -> {
            waitingRoom.remove(request.key());
            return publish(request.key(), ByteString.EMPTY, DENIAL_SECONDS).thenApply(put -> request);
        });
    }

    /** The doors learn of it from the DHT; after that time nobody needs it any more. */
    private CompletableFuture<DhtRecord> publish(ByteString key, ByteString credential, int seconds) {
        byte[] value = Decision.newBuilder().setCredential(credential).build().toByteArray();
        return dht.put(decisionKey(key), value, seconds)
                .whenComplete((put, failure) -> runtime.timers().schedule(seconds * SECOND_NANOS, () -> {
                    var unused = dht.remove(decisionKey(key)).exceptionally(late -> null);
                }));
    }

    private CompletableFuture<WaitingRoom.Request> meant(String typed) {
        return requests().thenCompose(all -> {
            List<WaitingRoom.Request> fitting = new ArrayList<>();
            for (WaitingRoom.Request each : all) {
                String code =
                        ApprovalCode.of(trust.descriptor().id(), each.key().toByteArray());
                if (ApprovalCode.isMeant(code, typed)
                        || nodeIdOf(each).toString().equals(typed)
                        || each.hostName().equalsIgnoreCase(typed)) {
                    fitting.add(each);
                }
            }
            if (fitting.size() == 1) {
                return CompletableFuture.completedFuture(fitting.get(0));
            }
            return CompletableFuture.failedFuture(
                    fitting.isEmpty()
                            ? new ControlException(
                                    Kind.NOT_FOUND, "nobody called " + typed + " waits: see p2pvpn requests")
                            : new ControlException(
                                    Kind.FAILED, "several wait as " + typed + ": name the code, see p2pvpn requests"));
        });
    }

    /** Its ID in the public ring. */
    static OverlayId nodeIdOf(WaitingRoom.Request request) {
        return PublicIdentity.nodeIdOf(request.key().toByteArray());
    }

    // -------------------------------------------------------------------- revoking

    /** Puts a member out: done when it is kept here and on its way to everybody. */
    CompletableFuture<Void> revoke(MemberCredential whom) {
        Issuer issuer;
        try {
            issuer = administrator();
        } catch (ControlException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        if (whom.isOf(identity.publicIdentity().signingKey())) {
            return CompletableFuture.failedFuture(new ControlException(
                    Kind.WRONG_USAGE, "that is this node itself: p2pvpn leave gives its membership up"));
        }
        if (!trust.state().mayBan(issuer, whom)) {
            return CompletableFuture.failedFuture(new ControlException(
                    Kind.NOT_PERMITTED,
                    whom.member().name() + " is an administrator that ranks above this one: have the founder do it"));
        }
        CompletableFuture<Void> done = decide.apply(ban(issuer, whom));
        // Whom it has put out itself stays out.
        for (MemberCredential each : trust.state().bannedBy(whom.member().memberKey())) {
            if (trust.state().mayBan(issuer, each)
                    && !each.isOf(identity.publicIdentity().signingKey())) {
                done = CompletableFuture.allOf(done, decide.apply(ban(issuer, each)));
            }
        }
        return done;
    }

    private TrustEntry ban(Issuer issuer, MemberCredential whom) {
        return TrustEntry.ban(issuer, trust.descriptor().id(), whom, now(), now() + BAN_MILLIS);
    }

    /** Sets the access rules. */
    CompletableFuture<Void> setRules(String text) {
        try {
            Issuer issuer = administrator();
            return decide.apply(TrustEntry.rules(
                    issuer,
                    trust.descriptor().id(),
                    trust.state().rulesVersion() + 1,
                    text,
                    now(),
                    now() + BAN_MILLIS));
        } catch (ControlException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    // -------------------------------------------------------------------- renewing

    /** A request for a new certificate in place of ours. */
    byte[] renewRequest() {
        return Renewal.ask(identity, trust.credential(), now()).toByteArray();
    }

    private CompletableFuture<byte[]> onRenew(RingCall call) {
        try {
            RenewRequest request = RenewRequest.parseFrom(call.request());
            ByteString renewed = renewed(request);
            if (renewed != null) {
                return book.write().thenApply(kept -> renewed.toByteArray());
            }
        } catch (InvalidProtocolBufferException e) {
            runtime.counters().counter("trust.drop.malformed").increment();
        }
        return CompletableFuture.failedFuture(new CallException("not to be renewed here"));
    }

    private @Nullable ByteString renewed(RenewRequest request) {
        Issuer issuer = trust.issuer();
        MemberCredential old = trust.parse(request.getCredential().toByteArray());
        if (issuer == null || !issuer.mayIssue()) {
            return null;
        }
        if (old == null) {
            runtime.counters().counter("trust.drop.renewal").increment();
            return null;
        }
        byte[] key = old.member().memberKey();
        boolean proven =
                Math.abs(now() - request.getEpochMillis()) <= RENEW_CLOCK_MILLIS && Renewal.isSigned(request, old);
        if (!proven || !trust.state().isMember(key, old, now())) {
            runtime.counters().counter("trust.drop.renewal").increment();
            return null;
        }
        return renew(issuer, old);
    }

    private ByteString renew(Issuer issuer, MemberCredential old) {
        MemberTerms terms = old.member().terms();
        long validMillis = terms.notAfterMillis() - terms.notBeforeMillis();
        ByteString renewed = issue(
                issuer, ByteString.copyFrom(terms.memberKey()), terms.name(), terms.role(), terms.salt(), validMillis);
        book.keep(renewed);
        return renewed;
    }

    /** The authority renews its own node's certificate; null if it is not here. */
    @Nullable
    ByteString renewOwn() {
        Issuer issuer = trust.issuer();
        MemberCredential own = trust.own();
        return issuer == null || own == null || issuer.notAfterMillis() != Long.MAX_VALUE ? null : renew(issuer, own);
    }

    /** What this node has given out. */
    IssuerBook book() {
        return book;
    }
}
