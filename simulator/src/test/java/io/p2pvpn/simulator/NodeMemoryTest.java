package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * What one more node costs a world of very many, with modelled crypto: whether 100,000 fit into one process is decided
 * by each field of a session, and what nobody uses must not be there.
 */
final class NodeMemoryTest {
    private static final int FEW = 20;
    private static final int MANY = 60;
    private static final long LIMIT_NANOS = 120 * RingWorld.SECOND_NANOS;
    private static final long REST_NANOS = 120 * RingWorld.SECOND_NANOS;

    /** 94,800 on JDK 17; 101,300 with empty maps, searches and buffers that nobody used. */
    private static final double BYTES_PER_NODE_MAX = 98_000;

    @Test
    void nodesAtRest_keepNothingForWhatTheyDoNotDo() throws Exception {
        bytesOfWorld(2);
        long few = bytesOfWorld(FEW);
        long many = bytesOfWorld(MANY);
        double each = (many - few) / (double) (MANY - FEW);
        System.out.printf(
                "%,d bytes with %d nodes, %,d with %d: %,.0f bytes for each more%n", few, FEW, many, MANY, each);
        // With less than that, the objects counted were not those of the nodes.
        assertThat(each).isBetween(10_000.0, BYTES_PER_NODE_MAX);
    }

    private static long bytesOfWorld(int nodes) throws Exception {
        long before = LiveHeap.bytes();
        DhtWorld dhts = new DhtWorld(1, LinkModel.INTERNET);
        dhts.world().setShapeOnly(true);
        dhts.ring().setCrypto(new ModelCrypto());
        assertThat(dhts.start(nodes, LIMIT_NANOS)).isTrue();
        dhts.world().runFor(REST_NANOS);
        long bytes = LiveHeap.bytes() - before;
        assertThat(dhts.joined()).hasSize(nodes);
        return bytes;
    }
}
