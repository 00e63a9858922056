package io.p2pvpn.nat.portmap;

import io.p2pvpn.nat.portmap.PortMapException.Kind;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Calls the actions of one connection service of a gateway (UPnP Device Architecture 1.1 section 3.2).
 *
 * @param host what it works with
 * @param url where the actions are called
 * @param serviceType of the service
 */
record UpnpControl(PortMapHost host, GatewayUrl url, String serviceType) {
    private static final int ANSWER_BYTES_MAX = 32 * 1024;
    private static final long NANOS_MAX = 3_000_000_000L;

    /** True if it can choose the external port itself: AddAnyPortMapping (WANIPConnection:2 section 2.5.18). */
    boolean canChoosePort() {
        return serviceType.endsWith("WANIPConnection:2");
    }

    /** The values of the answer by name; fails as refused, with the UPnP error code, or as not answered. */
    CompletableFuture<Map<String, String>> call(String action, Map<String, String> arguments) {
        String body = UpnpXml.call(serviceType, action, arguments);
        String request = "POST " + url.path() + " HTTP/1.1\r\n"
                + "Host: " + host.gateway().address().getHostAddress() + ":" + url.port() + "\r\n"
                + "Connection: close\r\n"
                + "Content-Type: text/xml; charset=\"utf-8\"\r\n"
                + "SOAPAction: \"" + serviceType + "#" + action + "\"\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
        return http(host, url.port(), request, ANSWER_BYTES_MAX).thenApply(reply -> read(action, reply));
    }

    private Map<String, String> read(String action, HttpReply reply) {
        Map<String, String> values = UpnpXml.values(reply.body());
        if (values == null) {
            host.drop("malformed");
            throw failed(new PortMapException(Kind.NO_ANSWER, action + ": status " + reply.status()));
        }
        if (reply.status() != HttpReply.OK || values.containsKey("errorCode")) {
            String code = values.getOrDefault("errorCode", "");
            int number = code.matches("[0-9]{1,4}") ? Integer.parseInt(code) : reply.status();
            throw failed(new PortMapException(Kind.REFUSED, action + ": error " + number, number));
        }
        return values;
    }

    /** One HTTP exchange with the gateway. */
    static CompletableFuture<HttpReply> http(PortMapHost host, int port, String request, int bytesMax) {
        return host.access()
                .exchange(
                        host.gateway(),
                        host.gateway().port(Endpoint.Kind.TCP, port),
                        request.getBytes(StandardCharsets.US_ASCII),
                        bytesMax,
                        UpnpControl::isWhole,
                        NANOS_MAX)
                .thenApply(bytes -> {
                    HttpReply reply = HttpReply.parse(bytes);
                    if (reply == null) {
                        host.drop("malformed");
                        throw failed(new PortMapException(Kind.NO_ANSWER, "an answer that is not HTTP"));
                    }
                    return reply;
                });
    }

    private static boolean isWhole(byte[] bytes) {
        HttpReply reply = HttpReply.parse(bytes);
        return reply != null && reply.isWhole();
    }

    private static CompletionException failed(PortMapException cause) {
        return new CompletionException(cause);
    }
}
