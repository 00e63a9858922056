package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A node that only notes what reaches it. */
final class Recorder implements Transport.Receiver {
    final SimRuntime runtime;
    final List<String> frames = new ArrayList<>();
    final List<Long> arrivalsNanos = new ArrayList<>();
    final List<Endpoint> senders = new ArrayList<>();
    final List<Integer> classes = new ArrayList<>();
    final List<Endpoint> closed = new ArrayList<>();
    int batches;
    int writables;

    Recorder(SimRuntime runtime) {
        this.runtime = runtime;
        runtime.transport().setReceiver(this);
    }

    @Override
    public void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        for (int start = 0; start < length; start += segmentBytes) {
            int frameBytes = Math.min(segmentBytes, length - start);
            frames.add(new String(buffer, offset + start, frameBytes, StandardCharsets.ISO_8859_1));
            arrivalsNanos.add(runtime.host().world().nanoTime());
            senders.add(from);
            classes.add(trafficClass);
        }
    }

    @Override
    public void onBatchEnd() {
        batches++;
    }

    @Override
    public void onClosed(Endpoint remote) {
        closed.add(remote);
    }

    @Override
    public void onWritable() {
        writables++;
    }

    boolean send(Endpoint to, String text) {
        return send(to, text, Math.max(1, text.length()));
    }

    boolean send(Endpoint to, String text, int segmentBytes) {
        return send(to, text, segmentBytes, Transport.CLASS_DEFAULT);
    }

    boolean send(Endpoint to, String text, int segmentBytes, int trafficClass) {
        byte[] bytes = bytes(text);
        return runtime.transport().send(to, bytes, 0, bytes.length, segmentBytes, trafficClass);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
