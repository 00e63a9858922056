package io.p2pvpn.vpn.trust;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * What an authority certifies about a member.
 *
 * @param memberKey the member's Ed25519 public key, 32 bytes
 * @param name the member's host name, see {@link Names#isName}
 * @param role what it may do
 * @param serial 16 random bytes, not all zero: what a revocation names
 * @param salt 16 bytes that the issuer chose at random when it first let the member in, and that renewals keep: the
 *     member's place in the ring follows from them and its key, so that nobody can choose a place by trying keys
 * @param notBeforeMillis the first moment of validity, milliseconds since 1970; certificates keep whole seconds
 * @param notAfterMillis the last moment of validity, milliseconds since 1970, before the year 10000
 */
// The arrays are copied on the way in and out, and compared by content.
@SuppressWarnings("ArrayRecordComponent")
public record MemberTerms(
        byte[] memberKey,
        String name,
        Role role,
        byte[] serial,
        byte[] salt,
        long notBeforeMillis,
        long notAfterMillis) {

    /** Length of a serial, in bytes. */
    public static final int SERIAL_BYTES = 16;

    /** Length of a salt, in bytes. */
    public static final int SALT_BYTES = 16;

    /** 9999-12-31T23:59:59Z, the last moment a certificate can name (RFC 5280 section 4.1.2.5). */
    private static final long TIME_MILLIS_MAX = 253_402_300_799_000L;

    /**
     * Copies the arrays.
     *
     * @throws IllegalArgumentException if a part is not as described above
     */
    public MemberTerms {
        if (!areValid(memberKey, name, serial, salt, notBeforeMillis, notAfterMillis)) {
            throw new IllegalArgumentException("not the terms of a member: " + name);
        }
        memberKey = memberKey.clone();
        serial = serial.clone();
        salt = salt.clone();
    }

    static boolean areValid(
            byte[] memberKey, String name, byte[] serial, byte[] salt, long notBeforeMillis, long notAfterMillis) {
        return memberKey.length == Ed25519.PUBLIC_KEY_SIZE
                && serial.length == SERIAL_BYTES
                && salt.length == SALT_BYTES
                && new BigInteger(1, serial).signum() > 0
                && notBeforeMillis >= 0
                && notBeforeMillis <= notAfterMillis
                && notAfterMillis <= TIME_MILLIS_MAX
                && Names.isName(name)
                && Ed25519.validatePublicKeyFull(memberKey, 0);
    }

    /** The member's key, a copy. */
    @Override
    public byte[] memberKey() {
        return memberKey.clone();
    }

    /** The serial, a copy. */
    @Override
    public byte[] serial() {
        return serial.clone();
    }

    /** The salt, a copy. */
    @Override
    public byte[] salt() {
        return salt.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MemberTerms that
                && Arrays.equals(memberKey, that.memberKey)
                && name.equals(that.name)
                && role == that.role
                && Arrays.equals(serial, that.serial)
                && Arrays.equals(salt, that.salt)
                && notBeforeMillis == that.notBeforeMillis
                && notAfterMillis == that.notAfterMillis;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(serial);
    }

    /** The name, the role and the serial. */
    @Override
    public String toString() {
        return name + " (" + role.word() + ", " + HexFormat.of().formatHex(serial) + ")";
    }
}
