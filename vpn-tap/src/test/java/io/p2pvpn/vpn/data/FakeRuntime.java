package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.List;
import java.util.random.RandomGenerator;

/** As much of a runtime as the data plane uses: a clock that a test sets, counters, a transport that may be full. */
final class FakeRuntime implements NodeRuntime, Clock, Transport {
    private final Counters counters = new Counters();
    long nanos;
    boolean writable = true;
    int flushes;

    long count(String name) {
        return counters.counter(name).value();
    }

    @Override
    public Clock clock() {
        return this;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Transport transport() {
        return this;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void flush() {
        flushes++;
    }

    @Override
    public long epochMillis() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Timers timers() {
        throw new UnsupportedOperationException();
    }

    @Override
    public RandomGenerator random() {
        throw new UnsupportedOperationException();
    }

    @Override
    public KeySource keys() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Store store() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Blocking blocking() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setReceiver(Receiver receiver) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close(Endpoint remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Endpoint> boundEndpoints() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Endpoint> interfaceEndpoints(List<String> excludedDevices) {
        throw new UnsupportedOperationException();
    }
}
