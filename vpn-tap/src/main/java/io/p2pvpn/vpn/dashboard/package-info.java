/**
 * A web page on loopback that shows what a daemon is and does, for the time that somebody looks at it.
 *
 * <pre>
 * p2pvpn dashboard -> control socket -> Dashboard -> DashboardServer on 127.0.0.1    (nothing listens before that)
 *
 * browser --GET /, *.js, *.css----> PageFiles                 the same for everybody, no secret needed
 *         --GET /v1/*, token------> PageApi -> NodeCalls -> the node's loop, the reports of the control API
 *         --GET /v1/events, token-> EventStream <- Feed       one sample a second, the newest to who keeps up
 *         --POST /v1/decide, token> PageApi -> NodeCalls
 * </pre>
 *
 * <p>The secret travels from the command to the page behind the {@code #} of the address, which browsers send to
 * nobody, and from the page in a header. There is no cookie: browsers send those of 127.0.0.1 to every port of it, also
 * to one that another user of the host listens on.
 *
 * <p>Thread rule: {@link io.p2pvpn.vpn.dashboard.Dashboard} is confined to the node's loop, but for its end. Everything
 * else runs on the few threads of the server and of the feed, is thread-safe where it says so, and reaches the node by
 * {@link io.p2pvpn.vpn.dashboard.NodeCalls} alone.
 */
@NullMarked
package io.p2pvpn.vpn.dashboard;

import org.jspecify.annotations.NullMarked;
