package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.DataQueue;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.FramePort;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import org.jspecify.annotations.Nullable;

/** A data-plane queue of a simulated node: its turns are events of the world, among the loop's. */
final class SimQueue implements DataQueue, FramePort {
    private final SimRuntime runtime;
    private final int number;
    private final Counters counters = new Counters();
    private Transport.@Nullable Receiver receiver;

    SimQueue(SimRuntime runtime, int number) {
        this.runtime = runtime;
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public Timers timers() {
        return runtime.timers();
    }

    @Override
    public FramePort port() {
        return this;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public void setReceiver(Transport.Receiver newReceiver) {
        receiver = newReceiver;
    }

    Transport.@Nullable Receiver receiver() {
        return receiver;
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        return runtime.transport().send(to, buffer, offset, length, segmentBytes, trafficClass);
    }

    /** Does nothing: what is sent is on its way already. */
    @Override
    public void flush() {
        // Sending schedules the arrival at once.
    }

    @Override
    public boolean isWritable() {
        return true;
    }
}
