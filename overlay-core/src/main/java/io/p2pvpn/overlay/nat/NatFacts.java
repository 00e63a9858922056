package io.p2pvpn.overlay.nat;

/**
 * How the NAT boxes in front of a node treat UDP over IPv4, all of them together. A node with a public address has
 * endpoint-independent everything.
 *
 * @param udp whether it gets out and back in at all
 * @param mapping which destinations share an outside port
 * @param filtering who may answer to it
 */
public record NatFacts(Passage udp, Dependence mapping, Dependence filtering) {
    /** Nothing is known yet. */
    public static final NatFacts UNKNOWN = new NatFacts(Passage.UNKNOWN, Dependence.UNKNOWN, Dependence.UNKNOWN);

    /** Whether something passes. */
    public enum Passage {
        /** Not found out. */
        UNKNOWN,
        /** It does. */
        PASSES,
        /** It does not, while streams do. */
        BLOCKED;

        int wireId() {
            return switch (this) {
                case UNKNOWN -> 0;
                case PASSES -> 1;
                case BLOCKED -> 2;
            };
        }

        static Passage ofWireId(int wireId) {
            return wireId == 1 ? PASSES : wireId == 2 ? BLOCKED : UNKNOWN;
        }
    }

    /** For a message. */
    public io.p2pvpn.overlay.wire.proto.NatFacts toProto() {
        return io.p2pvpn.overlay.wire.proto.NatFacts.newBuilder()
                .setUdp(udp.wireId())
                .setMapping(mapping.wireId())
                .setFiltering(filtering.wireId())
                .build();
    }

    /** From a message; numbers that mean nothing here are unknown. */
    public static NatFacts fromProto(io.p2pvpn.overlay.wire.proto.NatFacts facts) {
        return new NatFacts(
                Passage.ofWireId(facts.getUdp()),
                Dependence.ofWireId(facts.getMapping()),
                Dependence.ofWireId(facts.getFiltering()));
    }
}
