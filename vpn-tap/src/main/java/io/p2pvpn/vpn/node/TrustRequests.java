package io.p2pvpn.vpn.node;

import io.p2pvpn.vpn.control.AuthorityReport;
import io.p2pvpn.vpn.control.AuthorityRequest;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.DecisionReport;
import io.p2pvpn.vpn.control.DecisionRequest;
import io.p2pvpn.vpn.control.InviteReport;
import io.p2pvpn.vpn.control.InviteRequest;
import io.p2pvpn.vpn.control.MembersReport;
import io.p2pvpn.vpn.control.MembersRequest;
import io.p2pvpn.vpn.control.RequestsReport;
import io.p2pvpn.vpn.control.RequestsReport.Request;
import io.p2pvpn.vpn.control.RulesReport;
import io.p2pvpn.vpn.control.RulesRequest;
import io.p2pvpn.vpn.namespace.Addresses;
import io.p2pvpn.vpn.namespace.Administration;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.MembershipState;
import io.p2pvpn.vpn.trust.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Who is let in, who is put out, and who is there. Confined to the node's loop. */
final class TrustRequests {
    private static final long MILLIS_PER_SECOND = 1000;
    private static final int EXPIRES_SECONDS_MAX = 366 * 24 * 3600;

    private final NodeDaemon daemon;
    private final MembershipSteps steps;

    TrustRequests(NodeDaemon daemon) {
        this.daemon = daemon;
        this.steps = new MembershipSteps(daemon);
    }

    CompletableFuture<InviteReport> invite(InviteRequest request) {
        return steps.with(request.namespace(), membership -> {
            Role role = role(request.role());
            if (request.uses() < 1 || request.uses() > Administration.USES_MAX) {
                throw new IllegalArgumentException("uses must be from 1 to " + Administration.USES_MAX);
            }
            if (request.expiresSeconds() < 1 || request.expiresSeconds() > EXPIRES_SECONDS_MAX) {
                throw new IllegalArgumentException("an invite can be used for 1 s to 366 days");
            }
            return administration(membership)
                    .invite(
                            request.uses(),
                            request.expiresSeconds() * MILLIS_PER_SECOND,
                            role,
                            validMillis(request.validSeconds()),
                            daemon.bootstrapTexts())
                    .thenApply(token -> new InviteReport(
                            token.encode(), token.name(), iso(token.expiresEpochMillis()), request.uses()));
        });
    }

    CompletableFuture<RequestsReport> requests() {
        CompletableFuture<List<Request>> all = CompletableFuture.completedFuture(List.of());
        for (Membership membership : daemon.memberships()) {
            if (membership.state() == MembershipState.JOINED) {
                all = all.thenCombine(requests(membership), TrustRequests::both);
            }
        }
        return all.thenApply(RequestsReport::new);
    }

    private static List<Request> both(List<Request> some, List<Request> others) {
        List<Request> all = new ArrayList<>(some);
        all.addAll(others);
        all.sort(Comparator.comparingLong(Request::waitingSeconds).reversed());
        return all;
    }

    private CompletableFuture<List<Request>> requests(Membership membership) {
        long now = daemon.runtime().clock().epochMillis();
        try {
            return administration(membership)
                    .requests()
                    .thenApply(newcomers -> newcomers.stream()
                            .map(each -> new Request(
                                    each.nodeId().toString(),
                                    each.name(),
                                    membership.options().name(),
                                    each.code(),
                                    Math.max(0, now - each.sinceEpochMillis()) / MILLIS_PER_SECOND))
                            .toList());
        } catch (ControlException notYet) {
            return CompletableFuture.completedFuture(List.of());
        }
    }

    CompletableFuture<DecisionReport> decide(DecisionRequest request) {
        return steps.with(request.namespace(), membership -> {
            Administration administration = administration(membership);
            String target = request.target();
            CompletableFuture<String> name = switch (request.operation()) {
                case APPROVE ->
                    administration
                            .approve(target, request.name(), role(request.role()), validMillis(request.validSeconds()))
                            .thenApply(each -> request.name() == null ? each.name() : request.name());
                case DENY -> administration.deny(target).thenApply(Administration.Newcomer::name);
                case REVOKE -> administration.revoke(target);
            };
            return name.thenApply(
                    whom -> new DecisionReport(membership.options().name(), whom));
        });
    }

    CompletableFuture<MembersReport> members(MembersRequest request) {
        return steps.with(
                request.namespace(),
                membership -> administration(membership)
                        .members()
                        .thenApply(members -> new MembersReport(
                                membership.options().name(),
                                members.stream().map(TrustRequests::member).toList())));
    }

    private static MembersReport.Member member(Administration.Member each) {
        Long expires = each.expiresEpochMillis();
        return new MembersReport.Member(
                each.place().toString(),
                each.name(),
                each.ipv4() == 0 ? null : Addresses.text4(each.ipv4()),
                each.role().word(),
                each.online(),
                expires == null ? null : iso(expires));
    }

    CompletableFuture<RulesReport> rules(RulesRequest request) {
        return steps.with(request.namespace(), membership -> {
            Administration administration = administration(membership);
            String text = request.text();
            CompletableFuture<?> set =
                    text == null ? CompletableFuture.completedFuture(null) : administration.setRules(text);
            return set.thenApply(done -> new RulesReport(
                    membership.options().name(), administration.rulesVersion(), administration.rulesText()));
        });
    }

    CompletableFuture<AuthorityReport> authority(AuthorityRequest request) {
        return steps.with(request.namespace(), membership -> {
            Administration administration = administration(membership);
            String name = membership.options().name();
            String given = request.text() == null ? "" : request.text();
            return switch (request.operation()) {
                case EXPORT -> done(name, administration.exportAuthority(false));
                case COPY -> done(name, administration.exportAuthority(true));
                case IMPORT -> {
                    administration.importAuthority(given);
                    yield done(name, null);
                }
                case ROTATE ->
                    administration
                            .rotateAuthority(Administration.OVERLAP_MILLIS)
                            .thenApply(done -> new AuthorityReport(name, null));
                case REQUEST -> done(name, administration.certificateRequest());
                case INSTALL -> {
                    administration.installCertificate(given);
                    yield done(name, null);
                }
            };
        });
    }

    private static CompletableFuture<AuthorityReport> done(String namespace, @Nullable String text) {
        return CompletableFuture.completedFuture(new AuthorityReport(namespace, text));
    }

    private static Administration administration(Membership membership) throws ControlException {
        return membership.administration();
    }

    private static Role role(@Nullable String word) {
        Role role = word == null ? Role.MEMBER : Role.ofWord(word);
        if (role == null) {
            throw new IllegalArgumentException("a role is member, admin, gateway or relay");
        }
        return role;
    }

    private static long validMillis(long seconds) {
        if (seconds == 0) {
            return Administration.VALID_MILLIS;
        }
        long millis = seconds > Long.MAX_VALUE / MILLIS_PER_SECOND ? Long.MAX_VALUE : seconds * MILLIS_PER_SECOND;
        if (millis < Administration.VALID_MILLIS_MIN || millis > Administration.VALID_MILLIS_MAX) {
            throw new IllegalArgumentException("certificates can be valid for 1 minute to 398 days");
        }
        return millis;
    }

    private static String iso(long epochMillis) {
        return Instant.ofEpochSecond(epochMillis / MILLIS_PER_SECOND).toString();
    }
}
