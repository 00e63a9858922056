package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.rules.RuleSet;
import io.p2pvpn.vpn.trust.ApprovalCode;
import io.p2pvpn.vpn.trust.InviteToken;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.trust.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What people can ask of, and decide about, the membership of a namespace at one of its members. Futures complete on
 * the node's loop, exceptionally with a {@link ControlException} that says what to do. Confined to that loop.
 */
public final class Administration {
    /** How long certificates are valid if nothing else is said, in milliseconds. */
    public static final long VALID_MILLIS = Registrar.VALID_MILLIS;
    /** The shortest validity, in milliseconds. */
    public static final long VALID_MILLIS_MIN = Registrar.VALID_MILLIS_MIN;
    /** The longest validity, in milliseconds. */
    public static final long VALID_MILLIS_MAX = Registrar.VALID_MILLIS_MAX;
    /** How long the old key of a namespace counts beside a new one if nothing else is said, in milliseconds. */
    public static final long OVERLAP_MILLIS = 2 * VALID_MILLIS;
    /** Uses of one invite. */
    public static final int USES_MAX = IssuerBook.USES_MAX;

    private static final int ENDPOINTS_MAX = 4;

    /**
     * Somebody who waits to be let in.
     *
     * @param nodeId its ID in the public ring
     * @param name what it wants to be called
     * @param code what its own screen shows
     * @param sinceEpochMillis when it first knocked, milliseconds since 1970
     */
    public record Newcomer(OverlayId nodeId, String name, String code, long sinceEpochMillis) {}

    /**
     * A member.
     *
     * @param place its ID in the namespace's ring
     * @param name what it is called
     * @param ipv4 its address by its own account; 0 if none is known
     * @param role what it may do
     * @param online whether it answers
     * @param expiresEpochMillis when its certificate ends, milliseconds since 1970; null in an open namespace
     */
    public record Member(
            OverlayId place,
            String name,
            int ipv4,
            Role role,
            boolean online,
            @Nullable Long expiresEpochMillis) {}

    private final OverlayNode node;
    private final EnteredNamespace entered;

    Administration(OverlayNode node, EnteredNamespace entered) {
        this.node = node;
        this.entered = entered;
    }

    private NamespaceDescriptor descriptor() {
        return entered.trust().descriptor();
    }

    /**
     * Makes an invite.
     *
     * @param uses how many it lets in, 1 to {@link #USES_MAX}
     * @param lifeMillis how long it can be used
     * @param validMillis how long the certificates are valid that it brings
     * @param bootstraps nodes that know the way in, as {@code HOST:PORT}
     */
    public CompletableFuture<InviteToken> invite(
            int uses, long lifeMillis, Role role, long validMillis, List<String> bootstraps) {
        long expires = node.runtime().clock().epochMillis() + lifeMillis;
        return entered.registrar()
                .invite(uses, lifeMillis, role, validMillis)
                .thenApply(secret -> new InviteToken(
                        descriptor().name(),
                        descriptor().id(),
                        node.identity().nodeId(),
                        node.candidates().stream().limit(ENDPOINTS_MAX).toList(),
                        bootstraps,
                        secret,
                        expires));
    }

    /** Who waits at the doors of this namespace. */
    public CompletableFuture<List<Newcomer>> requests() {
        return entered.registrar()
                .requests()
                .thenApply(all -> all.stream().map(this::newcomer).toList());
    }

    private Newcomer newcomer(WaitingRoom.Request request) {
        return new Newcomer(
                Registrar.nodeIdOf(request),
                request.hostName(),
                ApprovalCode.of(descriptor().id(), request.key().toByteArray()),
                request.sinceEpochMillis());
    }

    /**
     * Lets somebody in who waits.
     *
     * @param typed its code, its ID or its name
     * @param name what it shall be called, or null for what it asked for
     */
    public CompletableFuture<Newcomer> approve(String typed, @Nullable String name, Role role, long validMillis) {
        return entered.registrar().approve(typed, name, role, validMillis).thenApply(this::newcomer);
    }

    /** Sends somebody away who waits. */
    public CompletableFuture<Newcomer> deny(String typed) {
        return entered.registrar().deny(typed).thenApply(this::newcomer);
    }

    /**
     * Puts a member out, for all members and for good.
     *
     * @param typed its name, its ID in the namespace's ring, or its virtual address
     * @return its name
     */
    public CompletableFuture<String> revoke(String typed) {
        if (descriptor().open()) {
            return CompletableFuture.failedFuture(new ControlException(
                    Kind.WRONG_USAGE,
                    descriptor().name() + " is open: whoever knows its name could come back under another key"));
        }
        return named(typed).thenCompose(found -> {
            if (found.isEmpty()) {
                return CompletableFuture.failedFuture(new ControlException(
                        Kind.NOT_FOUND, "no member called " + typed + " is known: see p2pvpn members"));
            }
            MemberCredential whom = found.get();
            return entered.registrar()
                    .revoke(whom)
                    .thenApply(done -> whom.member().name());
        });
    }

    private CompletableFuture<Optional<MemberCredential>> named(String typed) {
        OverlayId place = OverlayId.parseOrNull(typed);
        Optional<MemberCredential> issued = issued().stream()
                .filter(each -> each.member().name().equalsIgnoreCase(typed)
                        || PublicIdentity.nodeIdOf(each.member().memberKey()).equals(place))
                .findFirst();
        Integer address = Addresses.parse(typed);
        CompletableFuture<Optional<MemberCredential>> known;
        if (address != null) {
            known = entered.directory()
                    .lease(address)
                    .thenCompose(lease -> lease.isEmpty()
                            ? CompletableFuture.completedFuture(Optional.empty())
                            : entered.directory().credentialAt(lease.get().place()));
        } else if (place != null) {
            known = entered.directory().credentialAt(place);
        } else {
            known = entered.directory().credentialOf(typed);
        }
        return known.handle((found, failure) -> failure == null && found.isPresent() ? found : issued);
    }

    /**
     * Sets what members let in from each other; an administrator's right.
     *
     * @return what is in force then
     */
    public CompletableFuture<RuleSet> setRules(String text) {
        RuleSet rules;
        try {
            rules = RuleSet.parse(text);
        } catch (IllegalArgumentException wrong) {
            return CompletableFuture.failedFuture(
                    new ControlException(Kind.WRONG_USAGE, String.valueOf(wrong.getMessage()), wrong));
        }
        return entered.registrar().setRules(rules.toString()).thenApply(done -> rules);
    }

    /** What members let in from each other; null if there are no rules, so that everything passes. */
    public @Nullable String rulesText() {
        return entered.trust().state().rulesText();
    }

    /** How often the rules have been set. */
    public long rulesVersion() {
        return entered.trust().state().rulesVersion();
    }

    /**
     * The key that speaks for the namespace, as a word, to be kept where no network is.
     *
     * @param keep whether it stays on this node, too; if not, this node goes on as an administrator
     */
    public String exportAuthority(boolean keep) throws ControlException {
        return entered.exportAuthority(keep);
    }

    /** Brings that key (back) to this node. */
    public void importAuthority(String text) throws ControlException {
        entered.importAuthority(text);
    }

    /**
     * Replaces that key: for so long the old one and the new one both count, and everybody renews meanwhile.
     *
     * @param overlapMillis twice as long as certificates are valid, {@link #OVERLAP_MILLIS} as a rule: who is away for
     *     longer has to be approved anew
     */
    public CompletableFuture<Void> rotateAuthority(long overlapMillis) {
        return entered.rotateAuthority(overlapMillis);
    }

    /** A request for a new certificate of this node, as a word, to be signed where the key is kept. */
    public String certificateRequest() throws ControlException {
        if (descriptor().open()) {
            throw new ControlException(Kind.WRONG_USAGE, descriptor().name() + " is open: there are no certificates");
        }
        return entered.certificateRequest();
    }

    /** Takes the certificate that was signed there. */
    public void installCertificate(String text) throws ControlException {
        entered.installCertificate(text);
    }

    /** Whom this node has let in and who is not put out. */
    private List<MemberCredential> issued() {
        List<MemberCredential> all = new ArrayList<>(entered.registrar().book().issued());
        all.removeIf(each -> entered.trust().state().isBanned(each));
        return all;
    }

    /** All members that answer, and those that do not but were let in by this node. */
    public CompletableFuture<List<Member>> members() {
        return entered.members().thenApply(walked -> {
            List<Member> members = new ArrayList<>();
            TreeSet<OverlayId> online = new TreeSet<>();
            for (MemberWalk.Member each : walked) {
                MemberCredential credential = each.credential();
                online.add(each.identity().nodeId());
                members.add(new Member(
                        each.place(),
                        each.hostName(),
                        each.ipv4(),
                        credential == null ? Role.MEMBER : credential.member().role(),
                        true,
                        credential == null ? null : Long.valueOf(credential.notAfterMillis())));
            }
            for (MemberCredential each : issued()) {
                if (online.add(PublicIdentity.nodeIdOf(each.member().memberKey()))) {
                    members.add(new Member(
                            entered.trust().places().of(each),
                            each.member().name(),
                            0,
                            each.member().role(),
                            false,
                            each.notAfterMillis()));
                }
            }
            return members;
        });
    }

    /** Members that let themselves be found at the meeting place, which does not depend on the namespace's ring. */
    public CompletableFuture<Set<OverlayId>> gathered() {
        Rendezvous rendezvous = entered.rendezvous();
        return rendezvous == null ? CompletableFuture.completedFuture(new TreeSet<>()) : rendezvous.everybody();
    }
}
