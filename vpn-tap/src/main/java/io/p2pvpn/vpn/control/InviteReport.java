package io.p2pvpn.vpn.control;

/**
 * The document of {@code p2pvpn invite}.
 *
 * @param token what the newcomer is given; as secret as a password
 * @param namespace to which it is
 * @param expires until when it can be used, ISO 8601
 * @param uses how many it lets in
 */
public record InviteReport(String token, String namespace, String expires, int uses) {
    /** Says nothing of the token. */
    @Override
    public String toString() {
        return "invite to " + namespace + " for " + uses + " until " + expires;
    }
}
