package io.p2pvpn.vpn.control;

/**
 * Opens the local web page of this daemon, or closes it.
 *
 * @param stop closes it instead
 * @param port on loopback; 0 for a free one, or for the one where it is open already
 */
public record DashboardRequest(boolean stop, int port) {}
