package io.p2pvpn.vpn.dashboard;

import java.util.Map;

/**
 * What the Java platform's HTTP server allows a client. It takes these from system properties when its first server in
 * the process is made; what an application around the node has set stays.
 */
final class ServerLimits {
    /** Beyond the threads there is room for connections that have sent nothing yet. */
    static final int CONNECTIONS_MAX = 64;
    /** From the first byte of a request to its last. */
    static final int REQUEST_SECONDS_MAX = 5;
    /** All header lines of a request. */
    static final int HEADER_BYTES_MAX = 8192;
    /** A live view ends itself sooner. */
    static final int RESPONSE_SECONDS_MAX = 900;

    private static final Map<String, Integer> PROPERTIES = Map.of(
            "jdk.httpserver.maxConnections", CONNECTIONS_MAX,
            "sun.net.httpserver.maxReqTime", REQUEST_SECONDS_MAX,
            "sun.net.httpserver.maxReqHeaderSize", HEADER_BYTES_MAX,
            "sun.net.httpserver.maxReqHeaders", 64,
            "sun.net.httpserver.maxRspTime", RESPONSE_SECONDS_MAX,
            "sun.net.httpserver.maxIdleConnections", CONNECTIONS_MAX);

    private ServerLimits() {}

    /** Before the first server. */
    static void apply() {
        PROPERTIES.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value.toString());
            }
        });
    }
}
