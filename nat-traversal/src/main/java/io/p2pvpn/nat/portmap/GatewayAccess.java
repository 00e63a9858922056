package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The way to the home router: the default route, datagrams and short TCP exchanges. All methods are called on the
 * node's loop, and all callbacks and completions arrive there.
 */
public interface GatewayAccess {
    /**
     * The router behind the default route.
     *
     * @param address of the router on the local network, IPv4
     * @param ownAddress of this host on the same network, IPv4
     */
    record Gateway(InetAddress address, InetAddress ownAddress) {
        /** That port of the router. */
        Endpoint port(Endpoint.Kind kind, int port) {
            return Endpoint.of(kind, address, port);
        }
    }

    /** Takes datagrams, whoever sent them. */
    interface DatagramReceiver {
        /** A datagram arrived; the array is the receiver's. */
        void onDatagram(Endpoint from, byte[] datagram);
    }

    /** A UDP socket. */
    interface DatagramSocket {
        /** Sends, or drops what cannot be sent. */
        void send(Endpoint to, byte[] datagram);

        /** Closes; nothing is received any more. */
        void close();
    }

    /**
     * The IPv4 default gateway; null if there is none.
     *
     * @param excludedDevices names of devices whose routes do not count: our own tunnels
     */
    CompletableFuture<@Nullable Gateway> defaultGateway(List<String> excludedDevices);

    /** Opens a socket on our address towards the gateway and any port; fails when the host refuses. */
    CompletableFuture<DatagramSocket> open(Gateway gateway, DatagramReceiver receiver);

    /**
     * Connects, sends the request and reads until the answer is whole or the other side closes.
     *
     * @param bytesMax an answer of more bytes fails
     * @param isWhole asked after each read whether the answer is complete
     * @param nanosMax a longer exchange fails
     * @return the answer's bytes as far as they came before the end of the stream
     */
    CompletableFuture<byte[]> exchange(
            Gateway gateway, Endpoint to, byte[] request, int bytesMax, Predicate<byte[]> isWhole, long nanosMax);
}
