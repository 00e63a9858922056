package io.p2pvpn.overlay.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.wire.proto.Candidates;
import io.p2pvpn.overlay.wire.proto.EndpointAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Endpoints as messages carry them. */
public final class Endpoints {
    /** The most endpoints read from one message. */
    public static final int COUNT_MAX = 16;

    private Endpoints() {}

    /** For a message. */
    public static EndpointAddress toProto(Endpoint endpoint) {
        return EndpointAddress.newBuilder()
                .setKind(endpoint.kind().wireId())
                .setAddress(ByteString.copyFrom(endpoint.addressBytes()))
                .setPort(endpoint.port())
                .build();
    }

    /** From a message, or null if it is none that anybody could be reached at. */
    public static @Nullable Endpoint fromProto(EndpointAddress proto) {
        Endpoint.Kind kind = Endpoint.Kind.ofWireId(proto.getKind());
        Endpoint endpoint =
                kind == null ? null : Endpoint.of(kind, proto.getAddress().toByteArray(), proto.getPort());
        return endpoint == null || endpoint.isUnusable() ? null : endpoint;
    }

    /** The usable endpoints of a list, without repetitions, at most {@link #COUNT_MAX}. */
    public static List<Endpoint> fromProto(List<EndpointAddress> protos) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (EndpointAddress proto : protos) {
            Endpoint endpoint = fromProto(proto);
            if (endpoint != null && !endpoints.contains(endpoint) && endpoints.size() < COUNT_MAX) {
                endpoints.add(endpoint);
            }
        }
        return endpoints;
    }

    /** An encoded list, for a record. */
    public static ByteString encode(List<Endpoint> endpoints) {
        return Candidates.newBuilder()
                .addAllEndpoints(toProto(endpoints))
                .build()
                .toByteString();
    }

    /** The usable endpoints of an encoded list, at most {@link #COUNT_MAX}; none if it is damaged. */
    public static List<Endpoint> decode(ByteString encoded) {
        try {
            return fromProto(Candidates.parseFrom(encoded).getEndpointsList());
        } catch (InvalidProtocolBufferException e) {
            return List.of();
        }
    }

    /** For a message. */
    public static List<EndpointAddress> toProto(List<Endpoint> endpoints) {
        List<EndpointAddress> protos = new ArrayList<>();
        endpoints.forEach(endpoint -> protos.add(toProto(endpoint)));
        return protos;
    }
}
