package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.vpn.wire.proto.EndpointValue;
import java.util.ArrayList;
import java.util.List;

/** Endpoints as records carry them. */
final class EndpointValues {
    private EndpointValues() {}

    static List<EndpointValue> toProto(List<Endpoint> endpoints) {
        List<EndpointValue> values = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            values.add(EndpointValue.newBuilder()
                    .setKind(endpoint.kind().wireId())
                    .setAddress(ByteString.copyFrom(endpoint.addressBytes()))
                    .setPort(endpoint.port())
                    .build());
        }
        return values;
    }

    /** The usable ones, at most {@link Contact#ENDPOINTS_MAX}. */
    static List<Endpoint> fromProto(List<EndpointValue> values) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (EndpointValue value : values) {
            Endpoint.Kind kind = Endpoint.Kind.ofWireId(value.getKind());
            Endpoint endpoint =
                    kind == null ? null : Endpoint.of(kind, value.getAddress().toByteArray(), value.getPort());
            if (endpoint != null && !endpoint.isUnusable() && endpoints.size() < Contact.ENDPOINTS_MAX) {
                endpoints.add(endpoint);
            }
        }
        return endpoints;
    }
}
