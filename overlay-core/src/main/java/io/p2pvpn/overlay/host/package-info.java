/**
 * The runtime of a real host: one event loop that owns every socket, timers on it, a state directory.
 *
 * <pre>
 *   HostRuntime ──┬── LoopTimers      timers and tasks of the loop
 *                 ├── HostTransport ──┬── EpollUdpSocket (recvmmsg, sendmmsg, GRO, GSO) or NioUdpSocket
 *                 │                   └── TcpStreams: frames behind a two-byte length
 *                 ├── FileStore       state directory, written by its own thread; sealed by a StateKey, or plain
 *                 └── HostBlocking    a few threads for work that may block
 * </pre>
 *
 * <p>Thread rule: everything is confined to the loop's thread, except {@link io.p2pvpn.overlay.host.HostRuntime#open}
 * and {@code close}, which other threads call, and {@link io.p2pvpn.overlay.runtime.Timers#execute}.
 */
@NullMarked
package io.p2pvpn.overlay.host;

import org.jspecify.annotations.NullMarked;
