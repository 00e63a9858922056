package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Decides about somebody.
 *
 * @param operation what to do
 * @param namespace in which; null for the only one that the node is in
 * @param target its code or ID, or its name
 * @param name what it shall be called, of an approval; null for what it asked for
 * @param role what it may do, of an approval
 * @param validSeconds how long its certificate is valid, of an approval; 0 for the usual
 */
public record DecisionRequest(
        Operation operation,
        @Nullable String namespace,
        String target,
        @Nullable String name,
        @Nullable String role,
        long validSeconds) {
    /** What can be done. */
    public enum Operation {
        /** Lets somebody in who waits. */
        APPROVE,
        /** Sends somebody away who waits. */
        DENY,
        /** Puts a member out. */
        REVOKE
    }
}
