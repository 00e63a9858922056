package io.p2pvpn.overlay.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class OverlayIdTest {

    private static final long SEED = Long.getLong("p2pvpn.seed", 160);
    private static final int ROUNDS = 20_000;
    private static final BigInteger RING = BigInteger.ONE.shiftLeft(160);

    @BeforeAll
    static void printSeed() {
        System.out.println("OverlayIdTest p2pvpn.seed=" + SEED);
    }

    @Test
    void arithmetic_randomIds_equalsBigIntegerModuloTheRing() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            BigInteger a = next(random);
            BigInteger b = next(random);
            BigInteger clockwise = b.subtract(a).mod(RING);
            BigInteger counterClockwise = a.subtract(b).mod(RING);
            assertThat(number(id(a).plus(id(b)))).isEqualTo(a.add(b).mod(RING));
            assertThat(number(id(a).minus(id(b)))).isEqualTo(counterClockwise);
            assertThat(number(id(a).clockwiseDistanceTo(id(b)))).isEqualTo(clockwise);
            assertThat(number(id(a).ringDistanceTo(id(b)))).isEqualTo(clockwise.min(counterClockwise));
            assertThat(number(id(a).half())).isEqualTo(a.shiftRight(1));
            assertThat(Integer.signum(id(a).compareTo(id(b)))).isEqualTo(a.compareTo(b));
            assertThat(id(a).equals(id(b))).isEqualTo(a.equals(b));
        }
    }

    @Test
    void isBetween_randomArcs_equalsTheWalkFromTheStart() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            BigInteger from = next(random);
            BigInteger to = random.nextInt(4) == 0 ? from : next(random);
            BigInteger x = random.nextInt(4) == 0 ? (random.nextBoolean() ? from : to) : next(random);
            BigInteger arc = to.subtract(from).mod(RING);
            BigInteger walked = x.subtract(from).mod(RING);
            boolean expected = walked.signum() > 0 && (arc.signum() == 0 || walked.compareTo(arc) < 0);
            assertThat(id(x).isBetween(id(from), id(to)))
                    .as("%s in (%s, %s)", id(x), id(from), id(to))
                    .isEqualTo(expected);
        }
    }

    @Test
    void isBetween_equalEnds_isEverythingButTheEnd() {
        OverlayId a = id(BigInteger.TEN);
        assertThat(a.isBetween(a, a)).isFalse();
        assertThat(id(BigInteger.ONE).isBetween(a, a)).isTrue();
        assertThat(id(BigInteger.TWO.shiftLeft(100)).isBetween(a, a)).isTrue();
    }

    @Test
    void plusFraction_randomFractions_equalsBigInteger() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            BigInteger start = next(random);
            int n = 1 + (random.nextInt() >>> (1 + random.nextInt(31)));
            int multiple = random.nextInt() >>> (1 + random.nextInt(31));
            BigInteger step = RING.divide(BigInteger.valueOf(n));
            BigInteger expected =
                    start.add(step.multiply(BigInteger.valueOf(multiple))).mod(RING);
            assertThat(number(id(start).plusFraction(multiple, n)))
                    .as("%s + %d/%d", id(start), multiple, n)
                    .isEqualTo(expected);
        }
    }

    @Test
    void plusFraction_largestArguments_equalsBigInteger() {
        BigInteger max = BigInteger.valueOf(Integer.MAX_VALUE);
        assertThat(number(OverlayId.ZERO.plusFraction(Integer.MAX_VALUE, Integer.MAX_VALUE)))
                .isEqualTo(RING.divide(max).multiply(max).mod(RING));
        assertThat(OverlayId.ZERO.plusFraction(3, 1)).isEqualTo(OverlayId.ZERO);
    }

    @Test
    void plusFraction_noSuchFraction_isRefused() {
        assertThatThrownBy(() -> OverlayId.ZERO.plusFraction(-1, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OverlayId.ZERO.plusFraction(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void clockwiseFractionTo_randomIds_isTheQuotientCutTo53Bits() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            BigInteger a = next(random);
            BigInteger distance = next(random).shiftRight(random.nextInt(160));
            double fraction = id(a).clockwiseFractionTo(id(a.add(distance).mod(RING)));
            int excessBits = Math.max(0, distance.bitLength() - 53);
            BigInteger cut = distance.shiftRight(excessBits).shiftLeft(excessBits);
            assertThat(fraction).isGreaterThanOrEqualTo(0).isLessThan(1);
            assertThat(fraction).isEqualTo(StrictMath.scalb(cut.doubleValue(), -160));
        }
    }

    @Test
    void encoding_randomIds_roundTrips() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            BigInteger a = next(random);
            OverlayId id = id(a);
            byte[] padded = new byte[OverlayId.BYTES + 7];
            id.writeTo(padded, 3);
            assertThat(number(id)).isEqualTo(a);
            assertThat(OverlayId.of(padded, 3)).isEqualTo(id).hasSameHashCodeAs(id);
            assertThat(OverlayId.parseOrNull(id.toString())).isEqualTo(id);
            assertThat(id.toString())
                    .hasSize(40)
                    .isEqualTo(String.format("%40s", a.toString(16)).replace(' ', '0'));
            assertThat(id.toString()).startsWith(id.toShortString());
        }
        assertThat(OverlayId.ZERO.toShortString()).isEqualTo("00000000");
    }

    @Test
    void parseOrNull_anythingElse_isNull() {
        String good = "0123456789abcdef0123456789abcdef01234567";
        assertThat(OverlayId.parseOrNull(good)).isNotNull();
        assertThat(OverlayId.parseOrNull("")).isNull();
        assertThat(OverlayId.parseOrNull(good.substring(1))).isNull();
        assertThat(OverlayId.parseOrNull(good + "0")).isNull();
        assertThat(OverlayId.parseOrNull("A" + good.substring(1))).isNull();
        assertThat(OverlayId.parseOrNull("g" + good.substring(1))).isNull();
        assertThat(OverlayId.parseOrNull("\u0661" + good.substring(1))).isNull();
    }

    @Test
    void of_wrongLength_isRefused() {
        assertThatThrownBy(() -> OverlayId.of(new byte[19])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OverlayId.of(new byte[21])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OverlayId.of(new byte[25], 6)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void ofHash_longDigest_takesTheFirst160Bits() {
        byte[] digest = new byte[32];
        for (int i = 0; i < digest.length; i++) {
            digest[i] = (byte) i;
        }
        assertThat(OverlayId.ofHash(digest)).isEqualTo(OverlayId.of(Arrays.copyOf(digest, 20)));
    }

    /** Numbers with long runs of equal bits, where carries and borrows happen, among plain random ones. */
    private static BigInteger next(Random random) {
        byte[] bytes = new byte[OverlayId.BYTES];
        random.nextBytes(bytes);
        if (random.nextBoolean()) {
            int at = 0;
            while (at < bytes.length) {
                int run = Math.min(bytes.length - at, 1 + random.nextInt(8));
                if (random.nextInt(3) > 0) {
                    Arrays.fill(bytes, at, at + run, (byte) (random.nextBoolean() ? 0xff : 0));
                }
                at += run;
            }
        }
        return new BigInteger(1, bytes);
    }

    private static OverlayId id(BigInteger number) {
        byte[] signed = number.toByteArray();
        byte[] bytes = new byte[OverlayId.BYTES];
        int length = Math.min(signed.length, bytes.length);
        System.arraycopy(signed, signed.length - length, bytes, bytes.length - length, length);
        return OverlayId.of(bytes);
    }

    private static BigInteger number(OverlayId id) {
        return new BigInteger(1, id.toByteArray());
    }
}
