package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.LanPort;
import java.util.List;

/** The link that all hosts behind one NAT box share: what one of them sends to all reaches the others a little later. */
final class SimLan implements LanPort {
    private static final int PORT = 27_032;
    private static final long DELAY_NANOS = 200_000;

    private final SimRuntime runtime;
    private final LanPort.Receiver receiver;

    SimLan(SimRuntime runtime, LanPort.Receiver receiver) {
        this.runtime = runtime;
        this.receiver = receiver;
        runtime.host().realm().lans().add(this);
    }

    @Override
    public void sendToAll(byte[] message) {
        List.copyOf(runtime.host().realm().lans()).forEach(other -> sendTo(other, message));
    }

    @Override
    public void send(Endpoint to, byte[] message) {
        for (SimLan other : List.copyOf(runtime.host().realm().lans())) {
            if (other.runtime.host().ownsAddressOf(to)) {
                sendTo(other, message);
            }
        }
    }

    private void sendTo(SimLan other, byte[] message) {
        SimHost host = runtime.host();
        Endpoint from = Endpoint.of(Endpoint.Kind.UDP, host.address().address(), PORT);
        if (runtime.isAlive() && !host.network().isBlocked(host, other.runtime.host())) {
            byte[] copy = message.clone();
            other.runtime.timers().schedule(DELAY_NANOS, () -> other.receiver.onMessage(from, copy));
        }
    }

    @Override
    public void close() {
        runtime.host().realm().lans().remove(this);
    }
}
