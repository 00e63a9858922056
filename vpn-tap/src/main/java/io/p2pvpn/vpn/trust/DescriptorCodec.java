package io.p2pvpn.vpn.trust;

import io.p2pvpn.vpn.tun.Cidr;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a {@link NamespaceDescriptor}. There is exactly one encoding of a descriptor; integers are big-endian.
 *
 * <pre>
 *   0  version, 1              47  first 64 bits of IPv6 addresses
 *   1  1 if open, else 0       55  salt, 16 bytes
 *   2  authority's key         71  length n of the name
 *  34  created, milliseconds   72  name, ASCII
 *  42  IPv4 prefix, address    72 + n  signature, 64 bytes, over "p2pvpn namespace descriptor v1" || NUL || all before
 *  46  IPv4 prefix, length
 * </pre>
 */
final class DescriptorCodec {

    static final int ENCODED_BYTES_MAX = 72 + Names.NAME_CHARS_MAX + Ed25519.SIGNATURE_SIZE;

    private static final byte VERSION = 1;
    private static final int FIXED_BYTES = 72;
    private static final int NAME_LENGTH_OFFSET = 71;
    private static final byte[] CONTEXT = "p2pvpn namespace descriptor v1\0".getBytes(StandardCharsets.US_ASCII);

    private DescriptorCodec() {}

    static NamespaceDescriptor sign(NamespaceDescriptor.Terms terms, byte[] caKey, UnaryOperator<byte[]> signer) {
        byte[] name = terms.name().getBytes(StandardCharsets.US_ASCII);
        byte[] body = ByteBuffer.allocate(FIXED_BYTES + name.length)
                .put(VERSION)
                .put((byte) (terms.open() ? 1 : 0))
                .put(caKey)
                .putLong(terms.createdMillis())
                .put(terms.prefix().addressBytes())
                .put((byte) terms.prefix().prefixLength())
                .putLong(terms.ulaHigh())
                .put(terms.salt())
                .put((byte) name.length)
                .put(name)
                .array();
        byte[] signature = signer.apply(signed(body));
        byte[] encoded = ByteBuffer.allocate(body.length + signature.length)
                .put(body)
                .put(signature)
                .array();
        return new NamespaceDescriptor(terms, caKey.clone(), encoded);
    }

    static @Nullable NamespaceDescriptor parse(byte[] encoded) {
        if (encoded.length < FIXED_BYTES || encoded.length > ENCODED_BYTES_MAX) {
            return null;
        }
        int nameLength = encoded[NAME_LENGTH_OFFSET] & 0xff;
        if (encoded.length != FIXED_BYTES + nameLength + Ed25519.SIGNATURE_SIZE) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(encoded);
        byte version = in.get();
        byte open = in.get();
        if (version != VERSION || (open != 0 && open != 1)) {
            return null;
        }
        byte[] caKey = bytes(in, Ed25519.PUBLIC_KEY_SIZE);
        NamespaceDescriptor.Terms terms = terms(in, open == 1);
        return terms != null && isSigned(encoded, caKey)
                ? new NamespaceDescriptor(terms, caKey, encoded.clone())
                : null;
    }

    private static NamespaceDescriptor.@Nullable Terms terms(ByteBuffer in, boolean open) {
        long createdMillis = in.getLong();
        int address = in.getInt();
        int prefixLength = in.get();
        long ulaHigh = in.getLong();
        byte[] salt = bytes(in, NamespaceDescriptor.Terms.SALT_BYTES);
        // Bytes above 0x7f become characters that no name has.
        String name = new String(bytes(in, in.get() & 0xff), StandardCharsets.US_ASCII);
        if (prefixLength < 0 || prefixLength > Integer.SIZE) {
            return null;
        }
        Cidr prefix = Cidr.of4(address, prefixLength);
        if ((int) prefix.low() != address
                || !NamespaceDescriptor.Terms.areValid(name, prefix, ulaHigh, salt, createdMillis)) {
            return null;
        }
        return new NamespaceDescriptor.Terms(name, open, prefix, ulaHigh, salt, createdMillis);
    }

    private static boolean isSigned(byte[] encoded, byte[] caKey) {
        int bodyBytes = encoded.length - Ed25519.SIGNATURE_SIZE;
        byte[] signed = signed(Arrays.copyOf(encoded, bodyBytes));
        return Ed25519.validatePublicKeyFull(caKey, 0)
                && Ed25519.verify(encoded, bodyBytes, caKey, 0, signed, 0, signed.length);
    }

    /** Unlike a certificate's content, it does not begin with the tag of a sequence: no signature serves both. */
    static byte[] signed(byte[] body) {
        return ByteBuffer.allocate(CONTEXT.length + body.length)
                .put(CONTEXT)
                .put(body)
                .array();
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
