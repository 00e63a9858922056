package io.p2pvpn.vpn.namespace;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.vpn.wire.proto.MemberNote;
import org.jspecify.annotations.Nullable;

/** What members say along with their admission: a hint where to look, and a name to display. Trusted by nobody. */
public final class MemberNotes {
    private static final int NAME_CHARS_MAX = 63;

    private MemberNotes() {}

    static byte[] encode(int ipv4, String hostName) {
        return MemberNote.newBuilder()
                .setIpv4(ipv4)
                .setHostName(hostName)
                .build()
                .toByteArray();
    }

    /** The address, or null if none was said. */
    public static @Nullable Integer ipv4(byte[] note) {
        MemberNote parsed = parse(note);
        return parsed == null || parsed.getIpv4() == 0 ? null : parsed.getIpv4();
    }

    /** The name, or null if none fit to display was said. */
    public static @Nullable String hostName(byte[] note) {
        MemberNote parsed = parse(note);
        String name = parsed == null ? "" : parsed.getHostName();
        boolean fit = !name.isEmpty()
                && name.length() <= NAME_CHARS_MAX
                && name.chars().allMatch(c -> c > ' ' && c < 0x7f);
        return fit ? name : null;
    }

    private static @Nullable MemberNote parse(byte[] note) {
        try {
            return MemberNote.parseFrom(note);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
