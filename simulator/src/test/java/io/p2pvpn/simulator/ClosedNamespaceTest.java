package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.namespace.Administration;
import io.p2pvpn.vpn.namespace.Administration.Newcomer;
import io.p2pvpn.vpn.namespace.MembershipState;
import io.p2pvpn.vpn.trust.AuthorityKey;
import io.p2pvpn.vpn.trust.InviteToken;
import io.p2pvpn.vpn.trust.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ways into a namespace that is not open, by whole nodes. */
class ClosedNamespaceTest {
    private static final LinkModel LOSSY = LinkModel.INTERNET.withLoss(0.03);

    private static Node ask(VpnWorld world, String hostName, Node bootstrap) {
        Node guest = world.add();
        world.start(guest, VpnWorld.closedOptions(hostName, null), bootstrap);
        assertThat(world.world()
                        .runUntil(
                                () -> guest.membership() != null
                                        && guest.membership().state() == MembershipState.WAITING_APPROVAL,
                                30 * VpnWorld.SECOND_NANOS))
                .isTrue();
        return guest;
    }

    private static String code(Node guest) {
        return Objects.requireNonNull(Objects.requireNonNull(guest.membership()).approvalCode());
    }

    private static List<Newcomer> requests(VpnWorld world, Node administrator) {
        return world.done(VpnWorld.administration(administrator).requests());
    }

    private static ControlException failure(Node node) {
        assertThat(node.failures()).hasSize(1);
        return node.failures().get(0);
    }

    private static void assertNothingIsLeft(Node node) {
        assertThat(node.host().files().keySet())
                .noneMatch(name ->
                        name.startsWith("namespaces/") || name.startsWith("trust/") || name.startsWith("issuer/"));
    }

    @Test
    void request_approvedByItsCode_isLetIn() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            VpnWorld world = new VpnWorld(seed, LOSSY);
            Node bootstrap = world.bootstrap();
            Node founder = world.found(bootstrap);
            Node guest = ask(world, "guest", bootstrap);
            world.runFor(5);
            List<Newcomer> waiting = requests(world, founder);
            assertThat(waiting).hasSize(1);
            assertThat(waiting.get(0).name()).isEqualTo("guest");
            assertThat(waiting.get(0).code()).isEqualTo(code(guest));
            world.done(VpnWorld.administration(founder)
                    .approve(code(guest), null, Role.MEMBER, Administration.VALID_MILLIS));
            assertThat(world.runUntilOne(List.of(founder, guest), 30))
                    .as(() -> world.wrong(List.of(founder, guest)))
                    .isNotNegative();
            assertThat(world.ping(founder, guest, 10)).isNotNegative();
            assertThat(world.ping(guest, founder, 10)).isNotNegative();
            assertThat(requests(world, founder)).isEmpty();
        });
    }

    /** The door that hears the request is not the administrator's. */
    @Test
    void request_atAnotherMembersDoor_reachesTheAdministrator() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            VpnWorld world = new VpnWorld(seed, LOSSY);
            Node bootstrap = world.bootstrap();
            Node founder = world.found(bootstrap);
            List<Node> members = new ArrayList<>(world.inviteAll(6, founder, bootstrap));
            world.runFor(30);
            List<Node> guests = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                guests.add(ask(world, "guest" + i, bootstrap));
            }
            world.runFor(10);
            assertThat(requests(world, founder)).extracting(Newcomer::name).contains("guest0", "guest1", "guest2");
            for (Node guest : guests) {
                world.done(VpnWorld.administration(founder)
                        .approve(code(guest), null, Role.MEMBER, Administration.VALID_MILLIS));
            }
            members.addAll(guests);
            assertThat(world.runUntilOne(members, 60))
                    .as(() -> world.wrong(members))
                    .isNotNegative();
        });
    }

    @Test
    void request_denied_endsAndLeavesNothingBehind() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        Node guest = ask(world, "guest", bootstrap);
        world.runFor(5);
        world.done(VpnWorld.administration(founder).deny("guest"));
        world.runFor(30);
        assertThat(failure(guest).kind()).isEqualTo(ControlException.Kind.NOT_PERMITTED);
        assertThat(failure(guest)).hasMessageContaining("denied");
        assertNothingIsLeft(guest);
        assertThat(requests(world, founder)).isEmpty();
    }

    @Test
    void approval_byAMember_isRefused() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        Node member = world.inviteAll(1, founder, bootstrap).get(1);
        Node guest = ask(world, "guest", bootstrap);
        world.runFor(5);
        assertThatThrownBy(() -> world.done(VpnWorld.administration(member)
                        .approve(code(guest), null, Role.MEMBER, Administration.VALID_MILLIS)))
                .hasMessageContaining("no administrator");
    }

    @Test
    void invite_forOne_letsOneOfTwoInThatRaceForIt() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            VpnWorld world = new VpnWorld(seed, LOSSY);
            Node bootstrap = world.bootstrap();
            Node founder = world.found(bootstrap);
            InviteToken invite = world.invite(founder, 1);
            List<Node> racers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Node racer = world.add();
                racers.add(racer);
                world.start(racer, VpnWorld.closedOptions("racer" + i, invite), bootstrap);
            }
            world.runFor(40);
            List<Node> in = new ArrayList<>(racers);
            in.removeIf(racer -> !racer.isMember());
            assertThat(in).hasSize(1);
            racers.removeAll(in);
            assertThat(failure(racers.get(0)).kind()).isEqualTo(ControlException.Kind.NOT_PERMITTED);
            assertThat(failure(racers.get(0))).hasMessageContaining("used as often");
            assertNothingIsLeft(racers.get(0));
            // What was used up stays so over a restart of who made it.
            world.start(founder, VpnWorld.closedOptions("founder", null), bootstrap);
            assertThat(world.runUntilOne(List.of(founder, in.get(0)), 60)).isNotNegative();
            Node late = world.add();
            world.start(late, VpnWorld.closedOptions("late", invite), bootstrap);
            world.runFor(30);
            assertThat(failure(late)).hasMessageContaining("used as often");
        });
    }

    @Test
    void invite_expiredOrMadeUp_isRefused() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        InviteToken invite = world.invite(founder, 5);
        InviteToken madeUp = new InviteToken(
                invite.name(),
                invite.namespaceId(),
                invite.issuer(),
                invite.endpoints(),
                invite.bootstraps(),
                com.google.protobuf.ByteString.copyFrom(new byte[InviteToken.SECRET_BYTES]),
                invite.expiresEpochMillis());
        Node guesser = world.add();
        world.start(guesser, VpnWorld.closedOptions("guesser", madeUp), bootstrap);
        world.runFor(20);
        assertThat(failure(guesser)).hasMessageContaining("not known");
        assertNothingIsLeft(guesser);
        world.runFor(3600);
        Node late = world.add();
        world.start(late, VpnWorld.closedOptions("late", invite), bootstrap);
        world.runFor(20);
        assertThat(failure(late)).hasMessageContaining("expired");
        assertNothingIsLeft(late);
    }

    @Test
    void name_ofAnotherMember_isNotGivenTwice() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        InviteToken invite = world.invite(founder, 5);
        Node first = world.add();
        world.start(first, VpnWorld.closedOptions("twin", invite), bootstrap);
        assertThat(world.runUntilOne(List.of(founder, first), 60)).isNotNegative();
        Node second = world.add();
        world.start(second, VpnWorld.closedOptions("Twin", invite), bootstrap);
        world.runFor(20);
        assertThat(failure(second)).hasMessageContaining("--name");
        world.start(second, VpnWorld.closedOptions("other", invite), bootstrap);
        assertThat(world.runUntilOne(List.of(founder, first, second), 60)).isNotNegative();
    }

    /** Those in the middle of the lives of their certificates get new ones, by whichever administrator is there. */
    @Test
    void certificates_areRenewed_withoutTheFounder() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        long validMillis = 2 * 3600_000L;
        InviteToken forAdmins =
                world.done(VpnWorld.administration(founder).invite(1, 3600_000, Role.ADMIN, 40 * 3600_000L, List.of()));
        Node admin = world.add();
        world.start(admin, VpnWorld.closedOptions("admin", forAdmins), bootstrap);
        assertThat(world.runUntilOne(List.of(founder, admin), 60)).isNotNegative();
        InviteToken brief =
                world.done(VpnWorld.administration(founder).invite(2, 3600_000, Role.MEMBER, validMillis, List.of()));
        List<Node> members = new ArrayList<>(List.of(admin));
        for (int i = 0; i < 2; i++) {
            Node member = world.add();
            members.add(member);
            world.start(member, VpnWorld.closedOptions("m" + i, brief), bootstrap);
        }
        assertThat(world.runUntilOne(VpnWorld.list(founder, admin, members.get(1), members.get(2)), 60))
                .isNotNegative();
        founder.crash();
        long firstEnd = end(members.get(1));
        for (int hours = 0; hours < 6; hours++) {
            world.runFor(3600);
            assertThat(world.wrong(members)).isNull();
        }
        assertThat(end(members.get(1))).isGreaterThan(firstEnd + 2 * validMillis);
        assertThat(world.ping(members.get(1), members.get(2), 10)).isNotNegative();
    }

    private static long end(Node node) {
        return Objects.requireNonNull(Objects.requireNonNull(node.membership()).credential())
                .notAfterMillis();
    }

    /** No administrator is there: everything goes on until the end, and whoever has run out is out. */
    @Test
    void certificate_notRenewed_endsTheMembership_untilItIsApprovedAgain() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        InviteToken brief =
                world.done(VpnWorld.administration(founder).invite(2, 3600_000, Role.MEMBER, 3600_000, List.of()));
        List<Node> members = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Node member = world.add();
            members.add(member);
            world.start(member, VpnWorld.closedOptions("m" + i, brief), bootstrap);
        }
        assertThat(world.runUntilOne(VpnWorld.list(founder, members.get(0), members.get(1)), 60))
                .isNotNegative();
        founder.crash();
        assertThat(members.get(0).daemon().health())
                .noneMatch(each -> each.code().startsWith("certificate"));
        world.runFor(3500);
        assertThat(members.get(0).daemon().health())
                .anyMatch(each -> each.code().equals("certificate-expires"));
        assertThat(world.ping(members.get(0), members.get(1), 10)).isNotNegative();
        world.runFor(600);
        assertThat(members)
                .allSatisfy(member -> assertThat(
                                Objects.requireNonNull(member.membership()).state())
                        .isEqualTo(MembershipState.EXPIRED));
        world.start(founder, VpnWorld.closedOptions("n1", null), bootstrap);
        assertThat(world.runUntilOne(List.of(founder), 60)).isNotNegative();
        world.runFor(60);
        for (Node member : members) {
            world.done(VpnWorld.administration(founder)
                    .approve(code(member), null, Role.MEMBER, Administration.VALID_MILLIS));
        }
        members.add(founder);
        assertThat(world.runUntilOne(members, 60))
                .as(() -> world.wrong(members))
                .isNotNegative();
    }

    private static Administration at(Node node) {
        return VpnWorld.administration(node);
    }

    /** The key is taken away: what was founded with it goes on, by its node's own certificate. */
    @Test
    void authority_exported_nodeGoesOnAsAnAdministrator_untilItIsImportedAgain() throws Exception {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        String key = at(founder).exportAuthority(false);
        assertThatThrownBy(() -> at(founder).exportAuthority(false)).hasMessageContaining("not on this node");
        List<Node> members = world.inviteAll(2, founder, bootstrap);
        assertThat(Objects.requireNonNull(Objects.requireNonNull(members.get(1).membership())
                                .credential())
                        .depth())
                .isEqualTo(2);
        world.start(founder, VpnWorld.closedOptions("n1", null), bootstrap);
        assertThat(world.runUntilOne(members, 60)).isNotNegative();
        assertThatThrownBy(() -> at(founder).exportAuthority(true)).hasMessageContaining("not on this node");
        // A member's certificate is signed where the key is.
        AuthorityKey offline = Objects.requireNonNull(AuthorityKey.parse(key));
        Node member = members.get(1);
        String signed = offline.sign(
                at(member).certificateRequest(),
                List.of(offline.authority().publicKey()),
                Role.ADMIN,
                Administration.VALID_MILLIS,
                new SplittableRandom(3)::nextBytes,
                world.world().epochMillis());
        assertThatThrownBy(() -> at(members.get(2)).installCertificate(signed)).hasMessageContaining("no certificate");
        at(member).installCertificate(signed);
        assertThat(Objects.requireNonNull(member.membership()).role()).isEqualTo(Role.ADMIN);
        world.runFor(5);
        assertThat(world.wrong(members)).isNull();
        world.done(at(member).revoke(members.get(2).host().name()));
        world.runFor(5);
        assertThat(members.get(2).isMember()).isFalse();
        at(founder).importAuthority(key);
        assertThat(at(founder).exportAuthority(true)).isEqualTo(key);
    }

    /** Old and new certificates count side by side until all are new. */
    @Test
    void authority_rotated_nobodyNotices_andTheOldKeyIsWorthNothingInTheEnd() throws Exception {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        List<Node> members = new ArrayList<>(List.of(founder));
        InviteToken brief = world.done(at(founder).invite(3, 36 * 3600_000L, Role.MEMBER, 3600_000, List.of()));
        for (int i = 0; i < 2; i++) {
            Node member = world.add();
            members.add(member);
            world.start(member, VpnWorld.closedOptions("m" + i, brief), bootstrap);
        }
        assertThat(world.runUntilOne(members, 60)).isNotNegative();
        String oldKey = at(founder).exportAuthority(true);
        String oldRequest = at(members.get(1)).certificateRequest();
        world.done(at(founder).rotateAuthority(2 * 3600_000L));
        world.runFor(5);
        assertThat(world.wrong(members)).isNull();
        assertThat(at(founder).exportAuthority(true)).isNotEqualTo(oldKey);
        // A newcomer is certified by a key that it has never heard of.
        Node late = world.add();
        members.add(late);
        world.start(late, VpnWorld.closedOptions("late", brief), bootstrap);
        assertThat(world.runUntilOne(members, 60))
                .as(() -> world.wrong(members))
                .isNotNegative();
        for (int hour = 0; hour < 4; hour++) {
            world.runFor(3600);
            assertThat(world.wrong(members)).isNull();
        }
        AuthorityKey stolen = Objects.requireNonNull(AuthorityKey.parse(oldKey));
        String signed = stolen.sign(
                oldRequest,
                List.of(stolen.authority().publicKey()),
                Role.ADMIN,
                Administration.VALID_MILLIS,
                new SplittableRandom(3)::nextBytes,
                world.world().epochMillis());
        assertThatThrownBy(() -> at(members.get(1)).installCertificate(signed)).hasMessageContaining("no certificate");
    }

    /** Nobody else could let it in: it has the key that speaks for the namespace. */
    @Test
    void founder_awayForLongerThanItsCertificateLasts_comesBackByItself() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        int address = founder.address();
        founder.crash();
        world.runFor(60);
        long away = 40L * 24 * 3600 * 1000;
        bootstrap.host().setWallClockSkewMillis(away);
        founder.host().setWallClockSkewMillis(away);
        world.start(founder, VpnWorld.closedOptions(founder.host().name(), null), bootstrap);
        assertThat(world.runUntilOne(List.of(founder), 120))
                .as(() -> world.wrong(List.of(founder)))
                .isNotNegative();
        assertThat(founder.address()).isEqualTo(address);
        assertThat(end(founder)).isGreaterThan(world.world().epochMillis() + away);
    }
}
