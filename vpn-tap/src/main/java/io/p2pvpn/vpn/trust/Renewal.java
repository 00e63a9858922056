package io.p2pvpn.vpn.trust;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.vpn.wire.proto.RenewRequest;
import java.nio.ByteBuffer;

/** A member's request for a new certificate in place of the one that it has, signed by its key. */
public final class Renewal {
    private static final String CONTEXT = "p2pvpn renewal v1";

    private Renewal() {}

    /** Asks, at that time, milliseconds since 1970. */
    public static RenewRequest ask(Identity identity, byte[] credential, long nowMillis) {
        byte[] signature = identity.sign(CONTEXT, signed(credential, nowMillis));
        return RenewRequest.newBuilder()
                .setCredential(ByteString.copyFrom(credential))
                .setEpochMillis(nowMillis)
                .setSignature(ByteString.copyFrom(signature))
                .build();
    }

    /** Whether the holder of the credential's key asks. */
    public static boolean isSigned(RenewRequest asked, MemberCredential credential) {
        return PublicIdentity.verify(
                credential.member().memberKey(),
                CONTEXT,
                signed(asked.getCredential().toByteArray(), asked.getEpochMillis()),
                asked.getSignature().toByteArray());
    }

    private static byte[] signed(byte[] credential, long epochMillis) {
        return ByteBuffer.allocate(Long.BYTES + credential.length)
                .putLong(epochMillis)
                .put(credential)
                .array();
    }
}
