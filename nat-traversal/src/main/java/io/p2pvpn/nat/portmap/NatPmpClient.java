package io.p2pvpn.nat.portmap;

import io.p2pvpn.nat.portmap.PortMapException.Kind;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Maps by NAT-PMP (RFC 6886): asks for the external address, then for the port. */
final class NatPmpClient implements MappingClient {
    private final PortMapHost host;
    private final Endpoint server;
    private final EpochWatch epochs = new EpochWatch();
    private boolean restarted;

    NatPmpClient(PortMapHost host) {
        this.host = host;
        this.server = host.gateway().port(Endpoint.Kind.UDP, NatPmpCodec.PORT);
    }

    @Override
    public PortMapping protocol() {
        return PortMapping.NAT_PMP;
    }

    @Override
    public CompletableFuture<Mapping> map(MappedPort port, @Nullable Mapping last) {
        int suggested = last == null ? port.port() : last.external().port();
        byte[] request = NatPmpCodec.mapRequest(port, suggested, PortMapper.LIFETIME_SECONDS);
        return externalAddress().thenCompose(address -> ask(request, bytes -> granted(port, address, bytes)));
    }

    private CompletableFuture<InetAddress> externalAddress() {
        return ask(NatPmpCodec.addressRequest(), bytes -> {
            NatPmpCodec.Reply reply = answer(0, bytes);
            return reply == null ? null : reply.address();
        });
    }

    private <T> CompletableFuture<T> ask(byte[] request, UdpExchange.Reader<T> reader) {
        return UdpExchange.start(host, List.of(new UdpExchange.Request(server, request)), reader);
    }

    private @Nullable Mapping granted(MappedPort port, InetAddress address, byte[] bytes) throws PortMapException {
        NatPmpCodec.Reply reply = answer(NatPmpCodec.opcode(port), bytes);
        if (reply == null || reply.internalPort() != port.port()) {
            return null;
        }
        Endpoint external = NatPmpCodec.external(port, address, reply.externalPort());
        if (external == null || reply.lifetimeSeconds() == 0) {
            throw new PortMapException(Kind.REFUSED, "an external address that is none");
        }
        return new Mapping(port, external, reply.lifetimeSeconds());
    }

    private NatPmpCodec.@Nullable Reply answer(int opcode, byte[] bytes) throws PortMapException {
        NatPmpCodec.Reply reply = NatPmpCodec.parse(bytes);
        if (reply == null || reply.opcode() != opcode) {
            return null;
        }
        if (epochs.onEpoch(reply.epochSeconds(), host.runtime().clock().nanoTime())) {
            restarted = true;
        }
        if (reply.result() != NatPmpCodec.RESULT_SUCCESS) {
            throw new PortMapException(Kind.REFUSED, NatPmpCodec.resultText(reply.result()), reply.result());
        }
        return reply;
    }

    @Override
    public CompletableFuture<Boolean> isForgotten(Mapping mapping) {
        InetAddress known = mapping.external().address();
        return externalAddress().thenApply(address -> {
            boolean forgotten = restarted || !address.equals(known);
            restarted = false;
            return forgotten;
        });
    }

    @Override
    public CompletableFuture<Void> unmap(Mapping mapping) {
        MappedPort port = mapping.port();
        return ask(NatPmpCodec.mapRequest(port, 0, 0), bytes -> {
                    NatPmpCodec.Reply reply = answer(NatPmpCodec.opcode(port), bytes);
                    return reply == null || reply.internalPort() != port.port() ? null : reply;
                })
                .thenApply(reply -> null);
    }
}
