package io.p2pvpn.vpn.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn members}.
 *
 * @param namespace of which
 * @param members those that answered, and those that did not but were let in by this node
 */
public record MembersReport(String namespace, List<Member> members) {
    /**
     * A member.
     *
     * @param overlayId in the namespace's ring
     * @param name what it is called
     * @param virtualIp its address; null if none is known
     * @param role {@code member}, {@code admin}, {@code gateway} or {@code relay}
     * @param online whether it answered
     * @param expires when its certificate ends, ISO 8601; null in an open namespace
     */
    public record Member(
            String overlayId,
            String name,
            @Nullable String virtualIp,
            String role,
            boolean online,
            @Nullable String expires) {}
}
