package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import java.net.InetAddress;

/** One bound UDP socket; the datagram half of {@link Transport}. Confined to the loop. */
interface UdpSocket {
    /** The address it is bound to, unspecified for all. */
    InetAddress localAddress();

    /** The port it is bound to. */
    int localPort();

    /** Whether it can send to addresses of this one's family. */
    boolean reaches(Endpoint to);

    /** Begins to hand over what arrives. */
    void start(Transport.Receiver receiver);

    /** See {@link Transport#send}. */
    boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass);

    /** See {@link Transport#sendUncut}. */
    boolean sendUncut(Endpoint to, byte[] buffer, int offset, int length);

    /** See {@link Transport#flush}. */
    void flush();

    /** See {@link Transport#isWritable}. */
    boolean isWritable();

    /** Closes it; what is queued is lost. */
    void close();
}
