package io.p2pvpn.vpn.trust;

import io.p2pvpn.vpn.tun.Cidr;
import java.util.Arrays;
import java.util.Random;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** Keys and terms drawn from one seed. */
final class TrustFixture {

    static final long SEED = Long.getLong("p2pvpn.seed", 8032);
    static final long NOT_BEFORE_MILLIS = 1_800_000_000_000L;
    static final long NOT_AFTER_MILLIS = NOT_BEFORE_MILLIS + 86_400_000L;
    static final long NOW_MILLIS = NOT_BEFORE_MILLIS + 1000;

    final Random random = new Random(SEED);
    final NamespaceAuthority authority = NamespaceAuthority.generate(random::nextBytes);

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    byte[] publicKey() {
        byte[] key = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(bytes(Ed25519.SECRET_KEY_SIZE), 0, key, 0);
        return key;
    }

    MemberTerms member(String name, Role role) {
        return member(name, role, NOT_BEFORE_MILLIS, NOT_AFTER_MILLIS);
    }

    MemberTerms member(String name, Role role, long notBeforeMillis, long notAfterMillis) {
        return new MemberTerms(
                publicKey(),
                name,
                role,
                bytes(MemberTerms.SERIAL_BYTES),
                bytes(MemberTerms.SALT_BYTES),
                notBeforeMillis,
                notAfterMillis);
    }

    NamespaceDescriptor.Terms namespace(String name, boolean open, String prefix) {
        Cidr cidr = Cidr.parse(prefix);
        return new NamespaceDescriptor.Terms(name, open, cidr, 0xfd12_3456_789a_0001L, bytes(16), NOW_MILLIS);
    }

    /** The bytes with one to four of them replaced. */
    byte[] damaged(byte[] bytes) {
        byte[] damaged = bytes.clone();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        return Arrays.equals(damaged, bytes) ? damaged(bytes) : damaged;
    }
}
