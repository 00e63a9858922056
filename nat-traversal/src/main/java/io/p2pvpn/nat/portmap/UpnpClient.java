package io.p2pvpn.nat.portmap;

import io.p2pvpn.nat.portmap.PortMapException.Kind;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Maps by UPnP Internet Gateway Device, versions 1 and 2: finds the device by SSDP, its connection service in the
 * description, and asks that.
 */
final class UpnpClient implements MappingClient {
    private static final int DESCRIPTION_BYTES_MAX = 128 * 1024;
    private static final int PORT_TRIES_MAX = 4;
    private static final int PORT_RANDOM_MIN = 20_000;
    private static final int PORT_RANDOM_MAX = 60_000;
    private static final int ERROR_ARGUMENTS = 402;
    private static final int ERROR_NO_SUCH_ENTRY = 714;
    private static final int ERROR_CONFLICT = 718;
    private static final int ERROR_PERMANENT_ONLY = 725;

    private final PortMapHost host;
    private final String gatewayText;
    private @Nullable UpnpControl control;
    private byte[] externalAddress = {};
    /** Some devices of version 1 know no leases (error 725). */
    private long leaseSeconds = PortMapper.LIFETIME_SECONDS;

    UpnpClient(PortMapHost host) {
        this.host = host;
        this.gatewayText = host.gateway().address().getHostAddress();
    }

    @Override
    public PortMapping protocol() {
        return PortMapping.UPNP;
    }

    @Override
    public CompletableFuture<Mapping> map(MappedPort port, @Nullable Mapping last) {
        UpnpControl known = control;
        CompletableFuture<UpnpControl> found = known == null
                ? discover()
                : askAddress(known).thenApply(unused -> known).exceptionallyCompose(gone -> discover());
        return found.thenCompose(service -> {
            control = service;
            return last == null && service.canChoosePort()
                    ? addAny(service, port)
                    : add(
                            service,
                            port,
                            last == null ? port.port() : last.external().port(),
                            PORT_TRIES_MAX);
        });
    }

    // -------------------------------------------------------------------- discovery

    private CompletableFuture<UpnpControl> discover() {
        List<UdpExchange.Request> searches = new ArrayList<>();
        for (String target : SsdpCodec.TARGETS) {
            byte[] search = SsdpCodec.searchRequest(target);
            searches.add(new UdpExchange.Request(SsdpCodec.group(), search));
            searches.add(new UdpExchange.Request(host.gateway().port(Endpoint.Kind.UDP, SsdpCodec.PORT), search));
        }
        return UdpExchange.start(host, searches, this::location).thenCompose(url -> {
            String request = "GET " + url.path() + " HTTP/1.1\r\n"
                    + "Host: " + gatewayText + ":" + url.port() + "\r\n"
                    + "Connection: close\r\n\r\n";
            return UpnpControl.http(host, url.port(), request, DESCRIPTION_BYTES_MAX)
                    .thenCompose(reply -> firstAnswering(services(url, reply), 0));
        });
    }

    private @Nullable GatewayUrl location(byte[] datagram) {
        String location = SsdpCodec.location(datagram);
        return location == null ? null : GatewayUrl.parse(location, gatewayText);
    }

    private List<UpnpControl> services(GatewayUrl url, HttpReply reply) {
        UpnpXml.Description description = reply.status() == HttpReply.OK ? UpnpXml.description(reply.body()) : null;
        if (description == null) {
            host.drop("malformed");
            return List.of();
        }
        GatewayUrl base = description.urlBase() == null ? null : GatewayUrl.parse(description.urlBase(), gatewayText);
        List<UpnpControl> services = new ArrayList<>();
        for (UpnpXml.Service service : description.services()) {
            GatewayUrl place = (base == null ? url : base).resolve(service.controlUrl(), gatewayText);
            if (place != null) {
                services.add(new UpnpControl(host, place, service.type()));
            }
        }
        return services;
    }

    /** A device may have several connections, of which one is up: that with an external address. */
    private CompletableFuture<UpnpControl> firstAnswering(List<UpnpControl> services, int index) {
        if (index == services.size()) {
            return CompletableFuture.failedFuture(
                    new PortMapException(Kind.REFUSED, "no connection with an external address"));
        }
        UpnpControl service = services.get(index);
        return askAddress(service)
                .thenApply(address -> service)
                .exceptionallyCompose(failure -> firstAnswering(services, index + 1));
    }

    private CompletableFuture<byte[]> askAddress(UpnpControl service) {
        return service.call("GetExternalIPAddress", new LinkedHashMap<>()).thenApply(values -> {
            byte[] address = Ipv4Text.parse(values.getOrDefault("NewExternalIPAddress", ""));
            if (address == null || Endpoint.of(Endpoint.Kind.UDP, address, 1) == null) {
                throw refused("no external address");
            }
            externalAddress = address;
            return address;
        });
    }

    // --------------------------------------------------------------------- mappings

    private CompletableFuture<Mapping> addAny(UpnpControl service, MappedPort port) {
        return service.call("AddAnyPortMapping", arguments(port, port.port()))
                .thenApply(values -> {
                    String reserved = values.getOrDefault("NewReservedPort", "");
                    if (!reserved.matches("[1-9][0-9]{0,4}")) {
                        throw refused("no port in the answer");
                    }
                    return granted(port, Integer.parseInt(reserved));
                })
                .exceptionallyCompose(failure -> add(service, port, port.port(), PORT_TRIES_MAX));
    }

    private CompletableFuture<Mapping> add(UpnpControl service, MappedPort port, int externalPort, int triesLeft) {
        return service.call("AddPortMapping", arguments(port, externalPort))
                .thenApply(values -> granted(port, externalPort))
                .exceptionallyCompose(failure -> {
                    int code = code(failure);
                    boolean noLeases = leaseSeconds > 0 && (code == ERROR_PERMANENT_ONLY || code == ERROR_ARGUMENTS);
                    if (triesLeft > 1 && noLeases) {
                        leaseSeconds = 0;
                        return add(service, port, externalPort, triesLeft - 1);
                    }
                    if (triesLeft > 1 && code == ERROR_CONFLICT) {
                        int other = host.runtime().random().nextInt(PORT_RANDOM_MIN, PORT_RANDOM_MAX);
                        return add(service, port, other, triesLeft - 1);
                    }
                    return CompletableFuture.failedFuture(failure);
                });
    }

    private Mapping granted(MappedPort port, int externalPort) {
        Endpoint external = Endpoint.of(port.kind(), externalAddress, externalPort);
        if (external == null || external.isUnusable()) {
            throw refused("an external address that is none");
        }
        return new Mapping(port, external, PortMapper.LIFETIME_SECONDS);
    }

    private Map<String, String> arguments(MappedPort port, int externalPort) {
        Map<String, String> arguments = entry(port, externalPort);
        arguments.put("NewInternalPort", String.valueOf(port.port()));
        arguments.put("NewInternalClient", host.gateway().ownAddress().getHostAddress());
        arguments.put("NewEnabled", "1");
        arguments.put("NewPortMappingDescription", "p2pvpn");
        arguments.put("NewLeaseDuration", String.valueOf(leaseSeconds));
        return arguments;
    }

    private static Map<String, String> entry(MappedPort port, int externalPort) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("NewRemoteHost", "");
        arguments.put("NewExternalPort", String.valueOf(externalPort));
        arguments.put("NewProtocol", port.protocolName());
        return arguments;
    }

    @Override
    public CompletableFuture<Boolean> isForgotten(Mapping mapping) {
        UpnpControl service = control;
        if (service == null) {
            return CompletableFuture.completedFuture(true);
        }
        Map<String, String> entry = entry(mapping.port(), mapping.external().port());
        String own = host.gateway().ownAddress().getHostAddress();
        return service.call("GetSpecificPortMappingEntry", entry).handle((values, failure) -> {
            if (failure != null && !isRefused(failure)) {
                // A device that has restarted may serve at another port: it is searched for anew.
                control = null;
                return true;
            }
            if (failure != null && code(failure) != ERROR_NO_SUCH_ENTRY) {
                throw new CompletionException(failure);
            }
            return values == null || !own.equals(values.get("NewInternalClient"));
        });
    }

    @Override
    public CompletableFuture<Void> unmap(Mapping mapping) {
        UpnpControl service = control;
        if (service == null) {
            return CompletableFuture.completedFuture(null);
        }
        return service.call(
                        "DeletePortMapping",
                        entry(mapping.port(), mapping.external().port()))
                .thenApply(values -> null);
    }

    private static int code(Throwable failure) {
        PortMapException known = PortMapException.in(failure);
        return known == null ? 0 : known.code();
    }

    private static boolean isRefused(Throwable failure) {
        PortMapException known = PortMapException.in(failure);
        return known != null && known.kind() == Kind.REFUSED;
    }

    private static CompletionException refused(String text) {
        return new CompletionException(new PortMapException(Kind.REFUSED, text));
    }
}
