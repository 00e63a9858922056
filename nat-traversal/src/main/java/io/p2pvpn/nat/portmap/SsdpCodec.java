package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages of the Simple Service Discovery Protocol, UPnP Device Architecture 1.1 section 1.3. */
final class SsdpCodec {
    /** The port of devices. */
    static final int PORT = 1900;

    /** What is searched for: a version 2 device answers for version 1 too, but not every one does. */
    static final List<String> TARGETS = List.of(
            "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
            "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
            "urn:schemas-upnp-org:service:WANIPConnection:1");

    private static final byte[] GROUP_ADDRESS = {(byte) 239, (byte) 255, (byte) 255, (byte) 250};
    private static final int MESSAGE_BYTES_MAX = 4096;

    private SsdpCodec() {}

    /** Where devices of the local network listen. */
    static Endpoint group() {
        Endpoint group = Endpoint.of(Endpoint.Kind.UDP, GROUP_ADDRESS, PORT);
        if (group == null) {
            throw new IllegalStateException("no group address");
        }
        return group;
    }

    /** A search; devices wait up to a second before they answer. */
    static byte[] searchRequest(String target) {
        return ("M-SEARCH * HTTP/1.1\r\n"
                        + "HOST: 239.255.255.250:1900\r\n"
                        + "MAN: \"ssdp:discover\"\r\n"
                        + "MX: 1\r\n"
                        + "ST: " + target + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The address of the device's description that an answer to a search names, or null if it is no such answer. */
    static @Nullable String location(byte[] bytes) {
        if (bytes.length > MESSAGE_BYTES_MAX) {
            return null;
        }
        HttpReply reply = HttpReply.parse(bytes);
        if (reply == null || reply.status() != HttpReply.OK) {
            return null;
        }
        String target = reply.header("st");
        boolean gateway = target != null
                && (target.startsWith("urn:schemas-upnp-org:device:InternetGatewayDevice:")
                        || target.startsWith("urn:schemas-upnp-org:service:WANIPConnection:"));
        return gateway ? reply.header("location") : null;
    }
}
