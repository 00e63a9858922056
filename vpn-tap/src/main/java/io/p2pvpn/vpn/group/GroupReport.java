package io.p2pvpn.vpn.group;

/**
 * What a host says about one group.
 *
 * @param group which
 * @param wanted true if the host wants its packets, false if it wants them no more
 */
public record GroupReport(GroupAddress group, boolean wanted) {}
