package io.p2pvpn.nat.portmap;

import io.p2pvpn.nat.portmap.PcpCodec.Nonce;
import io.p2pvpn.nat.portmap.PortMapException.Kind;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Maps by PCP (RFC 6887). A mapping belongs to its nonce, which only we and the gateway know. */
final class PcpClient implements MappingClient {
    private final PortMapHost host;
    private final Endpoint server;
    private final Map<MappedPort, Nonce> nonces = new LinkedHashMap<>();
    private final EpochWatch epochs = new EpochWatch();
    private boolean restarted;

    PcpClient(PortMapHost host) {
        this.host = host;
        this.server = host.gateway().port(Endpoint.Kind.UDP, PcpCodec.PORT);
    }

    @Override
    public PortMapping protocol() {
        return PortMapping.PCP;
    }

    @Override
    public CompletableFuture<Mapping> map(MappedPort port, @Nullable Mapping last) {
        Endpoint own = Endpoint.of(Endpoint.Kind.UDP, new byte[4], port.port());
        Endpoint suggested = last == null ? own : last.external();
        return ask(request(port, suggested, PortMapper.LIFETIME_SECONDS), bytes -> granted(port, bytes));
    }

    private byte[] request(MappedPort port, @Nullable Endpoint suggested, long lifetimeSeconds) {
        return PcpCodec.mapRequest(host.gateway().ownAddress(), nonce(port), port, suggested, lifetimeSeconds);
    }

    private Nonce nonce(MappedPort port) {
        return nonces.computeIfAbsent(
                port,
                unused -> new Nonce(host.runtime().keys().nextLong(), (int)
                        host.runtime().keys().nextLong()));
    }

    private <T> CompletableFuture<T> ask(byte[] request, UdpExchange.Reader<T> reader) {
        return UdpExchange.start(host, List.of(new UdpExchange.Request(server, request)), reader);
    }

    private @Nullable Mapping granted(MappedPort port, byte[] bytes) throws PortMapException {
        PcpCodec.Reply reply = answer(port, bytes);
        if (reply == null || reply.mapping() == null) {
            return null;
        }
        Endpoint external = reply.mapping().external();
        if (external == null || external.isIpv6() || reply.lifetimeSeconds() == 0) {
            throw new PortMapException(Kind.REFUSED, "an external address that is none");
        }
        return new Mapping(port, external.withKind(port.kind()), reply.lifetimeSeconds());
    }

    /** An answer to our request for that port, which succeeded; null if it is another. */
    private PcpCodec.@Nullable Reply answer(MappedPort port, byte[] bytes) throws PortMapException {
        PcpCodec.Reply reply = PcpCodec.parse(bytes);
        if (reply == null) {
            return null;
        }
        if (reply.version() != PcpCodec.VERSION) {
            throw new PortMapException(Kind.NO_ANSWER, "speaks version " + reply.version() + " only");
        }
        PcpCodec.MapPart part = reply.mapping();
        boolean ours = part != null
                && part.nonce().equals(nonce(port))
                && part.protocol() == port.protocolNumber()
                && part.internalPort() == port.port();
        if (!ours) {
            return null;
        }
        onEpoch(reply);
        if (reply.result() != PcpCodec.RESULT_SUCCESS) {
            throw new PortMapException(Kind.REFUSED, PcpCodec.resultText(reply.result()), reply.result());
        }
        return reply;
    }

    private void onEpoch(PcpCodec.Reply reply) {
        if (epochs.onEpoch(reply.epochSeconds(), host.runtime().clock().nanoTime())) {
            restarted = true;
        }
    }

    @Override
    public CompletableFuture<Boolean> isForgotten(Mapping mapping) {
        return ask(PcpCodec.announceRequest(host.gateway().ownAddress()), bytes -> {
            PcpCodec.Reply reply = PcpCodec.parse(bytes);
            if (reply == null || reply.version() != PcpCodec.VERSION || reply.mapping() != null) {
                return null;
            }
            onEpoch(reply);
            boolean forgotten = restarted;
            restarted = false;
            return forgotten;
        });
    }

    @Override
    public CompletableFuture<Void> unmap(Mapping mapping) {
        return ask(request(mapping.port(), null, 0), bytes -> answer(mapping.port(), bytes))
                .thenApply(reply -> null);
    }
}
