package io.p2pvpn.vpn.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TrustStateTest {
    private static final long NOW = TrustFixture.NOW_MILLIS;
    private static final long END = TrustFixture.NOT_AFTER_MILLIS;

    private final TrustFixture fixture = new TrustFixture();
    private final NamespaceDescriptor descriptor =
            fixture.authority.describe(fixture.namespace("lab", false, "10.5.0.0/16"));
    private final OverlayId id = descriptor.id();
    private final Issuer authority = Issuer.of(fixture.authority);
    private final TrustState state = new TrustState(descriptor);

    /** Somebody with keys and what an issuer has certified. */
    private record Person(Identity identity, MemberCredential credential) {
        byte[] key() {
            return identity.publicIdentity().signingKey();
        }

        Issuer issuer() {
            return Issuer.of(identity, credential);
        }
    }

    private Person person(Issuer by, String name, Role role) {
        return person(by, name, role, fixture.bytes(MemberTerms.SALT_BYTES));
    }

    private Person person(Issuer by, String name, Role role, byte[] salt) {
        Identity identity = Identity.generate(fixture.random::nextBytes);
        MemberTerms terms = new MemberTerms(
                identity.publicIdentity().signingKey(),
                name,
                role,
                fixture.bytes(MemberTerms.SERIAL_BYTES),
                salt,
                TrustFixture.NOT_BEFORE_MILLIS,
                END);
        return new Person(identity, MemberCredential.parse(by.issue(terms), List.of(fixture.authority.publicKey())));
    }

    private static byte[] salt(int first) {
        byte[] salt = new byte[MemberTerms.SALT_BYTES];
        salt[0] = (byte) first;
        return salt;
    }

    private TrustEntry ban(Issuer by, Person whom) {
        return TrustEntry.ban(by, id, whom.credential(), NOW, END);
    }

    private boolean isMember(TrustState by, Person whom) {
        return by.isMember(whom.key(), whom.credential(), NOW);
    }

    private boolean isMember(Person whom) {
        return isMember(state, whom);
    }

    @Test
    void ban_byTheAuthorityOrAnAdministrator_putsOut_whoeverOwesThemMembershipToo() {
        Person admin = person(authority, "admin", Role.ADMIN);
        Person guest = person(admin.issuer(), "guest", Role.MEMBER);
        Person other = person(authority, "other", Role.MEMBER);
        assertThat(List.of(admin, guest, other)).allMatch(this::isMember);
        assertThat(state.add(List.of(ban(admin.issuer(), other)), NOW)).hasSize(1);
        assertThat(isMember(other)).isFalse();
        state.add(List.of(ban(authority, admin)), NOW);
        assertThat(isMember(admin)).isFalse();
        assertThat(isMember(guest)).isFalse();
        // What the one who is out had decided does not count any more.
        assertThat(isMember(other)).isTrue();
    }

    @Test
    void ban_byAMemberOrAStranger_countsNothing() {
        Person member = person(authority, "member", Role.MEMBER);
        Person other = person(authority, "other", Role.MEMBER);
        assertThat(Issuer.of(member.identity(), member.credential())).isNull();
        NamespaceAuthority strange = NamespaceAuthority.generate(fixture.random::nextBytes);
        TrustEntry forged = TrustEntry.ban(Issuer.of(strange), id, other.credential(), NOW, END);
        assertThat(state.add(List.of(forged), NOW)).isEmpty();
        assertThat(isMember(other)).isTrue();
        assertThat(state.digest()).isEmpty();
    }

    @Test
    void administrators_thatPutEachOtherOut_theHigherRankStays() {
        Person first = person(authority, "first", Role.ADMIN, salt(1));
        Person second = person(authority, "second", Role.ADMIN, salt(2));
        Person below = person(first.issuer(), "below", Role.ADMIN, salt(0));
        state.add(List.of(ban(second.issuer(), first), ban(first.issuer(), second)), NOW);
        assertThat(isMember(first)).isTrue();
        assertThat(isMember(second)).isFalse();
        // Nearer to the authority counts before anything else, whoever speaks first.
        state.add(List.of(ban(below.issuer(), first)), NOW);
        assertThat(isMember(first)).isTrue();
        assertThat(state.mayBan(below.issuer(), first.credential())).isFalse();
        assertThat(state.mayBan(first.issuer(), below.credential())).isTrue();
    }

    @Test
    void lift_letsBack_unlessItsSignerRanksBelow() {
        Person first = person(authority, "first", Role.ADMIN, salt(1));
        Person second = person(authority, "second", Role.ADMIN, salt(2));
        Person guest = person(authority, "guest", Role.MEMBER);
        TrustEntry ban = ban(first.issuer(), guest);
        state.add(List.of(ban), NOW);
        assertThat(state.bansOf(guest.key(), second.issuer())).isEmpty();
        state.add(List.of(TrustEntry.lift(second.issuer(), id, List.of(ban.id()), NOW, END)), NOW);
        assertThat(isMember(guest)).isFalse();
        assertThat(state.bansOf(guest.key(), first.issuer())).containsExactly(ban.id());
        state.add(List.of(TrustEntry.lift(first.issuer(), id, List.of(ban.id()), NOW, END)), NOW);
        assertThat(isMember(guest)).isTrue();
        // Put out once more: another decision.
        state.add(List.of(TrustEntry.ban(second.issuer(), id, guest.credential(), NOW + 1, END)), NOW);
        assertThat(isMember(guest)).isFalse();
    }

    /** In whatever order entries are heard, and heard twice, everybody decides alike. */
    @Test
    void add_inAnyOrder_endsTheSame() {
        Person first = person(authority, "first", Role.ADMIN);
        Person second = person(authority, "second", Role.ADMIN);
        Person deep = person(second.issuer(), "deep", Role.ADMIN);
        List<Person> people = new ArrayList<>(List.of(first, second, deep));
        for (int i = 0; i < 4; i++) {
            people.add(person(
                    List.of(
                                    authority,
                                    first.issuer(),
                                    second.issuer(),
                                    deep.credential().depth() < 3 ? deep.issuer() : authority)
                            .get(i),
                    "m" + i,
                    Role.MEMBER));
        }
        List<TrustEntry> all = new ArrayList<>();
        Random dice = new Random(7);
        List<Issuer> issuers = List.of(authority, first.issuer(), second.issuer(), deep.issuer());
        for (int i = 0; i < 24; i++) {
            Issuer by = issuers.get(dice.nextInt(issuers.size()));
            Person whom = people.get(dice.nextInt(people.size()));
            all.add(TrustEntry.ban(by, id, whom.credential(), NOW + i, END));
            if (dice.nextInt(3) == 0) {
                all.add(TrustEntry.lift(
                        by, id, List.of(all.get(dice.nextInt(all.size())).id()), NOW + i, END));
            }
        }
        state.add(all, NOW);
        for (int run = 0; run < 20; run++) {
            List<TrustEntry> shuffled = new ArrayList<>(all);
            shuffled.addAll(all.subList(0, 8));
            Collections.shuffle(shuffled, dice);
            TrustState other = new TrustState(descriptor);
            // Two nodes that tell each other theirs until they have the same.
            for (TrustEntry entry : shuffled) {
                other.add(List.of(entry), NOW);
            }
            for (int i = 0; i < 5; i++) {
                other.add(state.entries(), NOW);
                state.add(other.entries(), NOW);
            }
            assertThat(other.digest()).isEqualTo(state.digest());
            for (Person each : people) {
                assertThat(isMember(other, each)).isEqualTo(isMember(each));
            }
        }
    }

    @Test
    void entries_runOut() {
        Person guest = person(authority, "guest", Role.MEMBER);
        state.add(List.of(ban(authority, guest)), NOW);
        assertThat(state.prune(END)).isTrue();
        assertThat(state.entries()).isEmpty();
        assertThat(state.add(List.of(ban(authority, guest)), END)).isEmpty();
    }

    @Test
    void entries_beyondTheBound_thoseOfTheLowestRankGo() {
        Person admin = person(authority, "admin", Role.ADMIN);
        List<TrustEntry> flood = new ArrayList<>();
        for (int i = 0; i < TrustState.ENTRIES_MAX + 50; i++) {
            flood.add(TrustEntry.rules(admin.issuer(), id, i, "", NOW, END));
        }
        state.add(flood, NOW);
        assertThat(state.entries()).hasSize(TrustState.ENTRIES_MAX);
        state.add(List.of(ban(authority, admin)), NOW);
        assertThat(isMember(admin)).isFalse();
        assertThat(state.entries()).hasSize(1);
    }

    @Test
    void rules_theNewestOfThoseWhoMayDecideCount() {
        Person first = person(authority, "first", Role.ADMIN, salt(1));
        Person second = person(authority, "second", Role.ADMIN, salt(2));
        state.add(List.of(TrustEntry.rules(first.issuer(), id, 1, "one", NOW, END)), NOW);
        assertThat(state.rulesText()).isEqualTo("one");
        state.add(List.of(TrustEntry.rules(second.issuer(), id, 2, "two", NOW, END)), NOW);
        assertThat(state.rulesText()).isEqualTo("two");
        state.add(List.of(TrustEntry.rules(first.issuer(), id, 2, "other two", NOW, END)), NOW);
        assertThat(state.rulesText()).isEqualTo("other two");
        state.add(List.of(ban(authority, first)), NOW);
        assertThat(state.rulesText()).isEqualTo("two");
    }

    /** The key that a namespace is called after can be given up: another speaks for it, and then instead of it. */
    @Test
    void authority_canBeFollowedByAnother() {
        NamespaceAuthority next = NamespaceAuthority.generate(fixture.random::nextBytes);
        Person old = person(authority, "old", Role.MEMBER);
        Identity identity = Identity.generate(fixture.random::nextBytes);
        MemberTerms terms = new MemberTerms(
                identity.publicIdentity().signingKey(),
                "new",
                Role.MEMBER,
                fixture.bytes(MemberTerms.SERIAL_BYTES),
                salt(3),
                TrustFixture.NOT_BEFORE_MILLIS,
                END);
        byte[] issued = Issuer.of(next).issue(terms);
        assertThat(MemberCredential.parse(issued, state.authorities())).isNull();
        long retires = NOW + 3600_000;
        state.add(List.of(TrustEntry.authority(fixture.authority, id, next, retires, NOW)), NOW);
        MemberCredential renewed = MemberCredential.parse(issued, state.authorities());
        assertThat(renewed).isNotNull();
        byte[] key = identity.publicIdentity().signingKey();
        assertThat(state.isMember(key, renewed, NOW)).isTrue();
        assertThat(isMember(old)).isTrue();
        long later = retires + MemberCertificate.CLOCK_TOLERANCE_MILLIS + 1;
        assertThat(state.isMember(old.key(), old.credential(), later)).isFalse();
        assertThat(state.isMember(key, renewed, later)).isTrue();
        // The new one decides as the old one did.
        state.add(List.of(TrustEntry.ban(Issuer.of(next), id, old.credential(), NOW, END)), NOW);
        assertThat(isMember(old)).isFalse();
    }

    @Test
    void credential_tooLongAChain_orByAMember_isNone() {
        Person admin = person(authority, "admin", Role.ADMIN);
        Person second = person(admin.issuer(), "second", Role.ADMIN);
        Person third = person(second.issuer(), "third", Role.ADMIN);
        assertThat(third.credential().depth()).isEqualTo(MemberCredential.CERTIFICATES_MAX);
        assertThat(third.issuer().mayIssue()).isFalse();
        byte[] fourth = third.issuer().issue(fixture.member("fourth", Role.MEMBER));
        assertThat(MemberCredential.parse(fourth, state.authorities())).isNull();
        Person member = person(authority, "member", Role.MEMBER);
        byte[] der = CertificateContent.of(fixture.member("x", Role.MEMBER)).toBeSigned(member.key());
        byte[] forged = MemberCredential.encode(
                CertificateContent.of(fixture.member("x", Role.MEMBER))
                        .certificate(member.key(), member.identity().signDer(der)),
                member.credential().encode());
        assertThat(MemberCredential.parse(forged, state.authorities())).isNull();
    }
}
