/**
 * The control API: HTTP and JSON on a Unix domain socket, the one door by which the command line, scripts and a
 * dashboard talk to a running daemon. The records are the documents of the API, field by field.
 *
 * <pre>
 * GET  /v1/status    {@link io.p2pvpn.vpn.control.StatusReport}
 * GET  /v1/peers     {@link io.p2pvpn.vpn.control.PeersReport}
 * GET  /v1/places    {@link io.p2pvpn.vpn.control.PlacesReport}
 * POST /v1/dashboard {@link io.p2pvpn.vpn.control.DashboardRequest} -> where the local web page is
 * POST /v1/ping      {@link io.p2pvpn.vpn.control.PingRequest} -> {@link io.p2pvpn.vpn.control.PingReply}
 * POST /v1/join      {@link io.p2pvpn.vpn.control.JoinRequest} -> an empty document, once it is accepted
 * POST /v1/leave     {@link io.p2pvpn.vpn.control.LeaveRequest} -> an empty document
 * POST /v1/down      an empty document
 * GET  /metrics      Prometheus text
 * </pre>
 *
 * <p>Every document starts with {@code "schema": 1}; an error is {@code {"schema": 1, "error": text, "exitCode": n}}
 * where the text is one line that says what to do.
 *
 * <p>Thread rule: {@link io.p2pvpn.vpn.control.ControlServer} and what it calls are confined to the node's loop.
 * {@link io.p2pvpn.vpn.control.ControlClient} blocks, needs no loop and loads no Netty class. Records are immutable.
 */
@NullMarked
package io.p2pvpn.vpn.control;

import org.jspecify.annotations.NullMarked;
