package io.p2pvpn.overlay.stream;

import io.p2pvpn.overlay.runtime.Counters;

/** What is counted for each packet. */
final class StreamCounters {
    private final Counters.Counter sentPackets;
    private final Counters.Counter sentBytes;
    private final Counters.Counter receivedPackets;
    private final Counters.Counter lostPackets;

    StreamCounters(Counters counters) {
        sentPackets = counters.counter("stream.sent.packets");
        sentBytes = counters.counter("stream.sent.bytes");
        receivedPackets = counters.counter("stream.received.packets");
        lostPackets = counters.counter("stream.lost.packets");
    }

    void sent(int bytes) {
        sentPackets.increment();
        sentBytes.add(bytes);
    }

    void received() {
        receivedPackets.increment();
    }

    void lost() {
        lostPackets.increment();
    }
}
