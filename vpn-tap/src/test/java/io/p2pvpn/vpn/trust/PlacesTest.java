package io.p2pvpn.vpn.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.PublicIdentity;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where members stand: who wants a certain place can try keys in an open namespace, and nothing in a closed one. */
final class PlacesTest {
    private static final int TRIES = 2_000;
    /** Of so many tries the best is about that much of the ring away from the place that is wanted. */
    private static final double BY_TRYING = 5.0 / TRIES;

    private final TrustFixture fixture = new TrustFixture();
    private final OverlayId wanted = OverlayId.of(fixture.bytes(OverlayId.BYTES));

    private double distance(OverlayId place) {
        double clockwise = wanted.clockwiseFractionTo(place);
        return Math.min(clockwise, 1 - clockwise);
    }

    @Test
    void open_aKeyNearAPlaceIsFoundByTrying() {
        byte[] salt = fixture.bytes(MemberTerms.SALT_BYTES);
        double best = 1;
        for (int i = 0; i < TRIES; i++) {
            best = Math.min(
                    best, distance(PublicIdentity.privateIdOf(fixture.bytes(MemberTerms.SALT_BYTES * 2), salt)));
        }
        assertThat(best).isLessThan(BY_TRYING);
    }

    /** The one key among many that would stand best with any salt known before stands anywhere with the one drawn. */
    @Test
    void closed_theIssuersSaltDecides_whateverKeyIsChosen() {
        Places places = new Places(fixture.authority.describe(fixture.namespace("lab", false, "10.5.0.0/16")));
        double sum = 0;
        int near = 0;
        int admissions = 200;
        for (int i = 0; i < admissions; i++) {
            Identity chosen = Identity.generate(fixture.random::nextBytes);
            MemberTerms terms = new MemberTerms(
                    chosen.publicIdentity().signingKey(),
                    "m" + i,
                    Role.MEMBER,
                    fixture.bytes(MemberTerms.SERIAL_BYTES),
                    fixture.bytes(MemberTerms.SALT_BYTES),
                    TrustFixture.NOT_BEFORE_MILLIS,
                    TrustFixture.NOT_AFTER_MILLIS);
            MemberCredential credential = MemberCredential.parse(
                    Issuer.of(fixture.authority).issue(terms), List.of(fixture.authority.publicKey()));
            OverlayId place = places.of(chosen.publicIdentity(), credential);
            assertThat(place).isEqualTo(places.of(credential));
            sum += distance(place);
            near += distance(place) < BY_TRYING ? 1 : 0;
        }
        // Evenly spread: half of the ring on both sides, a quarter of it away in the mean.
        assertThat(sum / admissions).isBetween(0.2, 0.3);
        assertThat(near).isLessThan(admissions / 20);
    }

    /** A member that shows its certificate under another place than the one that follows from it is not believed. */
    @Test
    void closed_placeWithoutACredential_isUnknown() {
        Places places = new Places(fixture.authority.describe(fixture.namespace("lab", false, "10.5.0.0/16")));
        Identity somebody = Identity.generate(fixture.random::nextBytes);
        assertThat(places.of(somebody.publicIdentity(), null)).isNull();
    }
}
