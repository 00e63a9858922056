package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Where the local web page is.
 *
 * @param url with the secret that opens it behind the {@code #}; null once it is closed
 * @param port on loopback; 0 once it is closed
 */
public record DashboardReport(@Nullable String url, int port) {}
