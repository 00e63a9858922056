package io.p2pvpn.vpn.control;

/** The paths of the control API, shared by server and client. */
final class ControlPaths {
    static final String STATUS = "/v1/status";
    static final String PEERS = "/v1/peers";
    static final String PLACES = "/v1/places";
    static final String NETCHECK = "/v1/netcheck";
    static final String PING = "/v1/ping";
    static final String ROUTE = "/v1/route";
    static final String DHT = "/v1/dht";
    static final String JOIN = "/v1/join";
    static final String LEAVE = "/v1/leave";
    static final String DOWN = "/v1/down";
    static final String INVITE = "/v1/invite";
    static final String REQUESTS = "/v1/requests";
    static final String DECIDE = "/v1/decide";
    static final String MEMBERS = "/v1/members";
    static final String RULES = "/v1/rules";
    static final String SERVICES = "/v1/services";
    static final String LOG = "/v1/log";
    static final String AUTHORITY = "/v1/authority";
    static final String CRAWL = "/v1/crawl";
    static final String DASHBOARD = "/v1/dashboard";
    static final String METRICS = "/metrics";

    private ControlPaths() {}
}
