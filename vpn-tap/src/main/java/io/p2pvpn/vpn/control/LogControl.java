package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/** What the program around a node logs with. */
@FunctionalInterface
public interface LogControl {
    /** Writes as much as that from now on, unless it is null, and tells how much that is; null if it cannot tell. */
    @Nullable
    LogLevel apply(@Nullable LogLevel level);
}
