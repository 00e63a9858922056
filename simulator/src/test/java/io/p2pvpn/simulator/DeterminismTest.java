package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class DeterminismTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int HOSTS = 20;

    /**
     * The same on every JDK and every machine. A change of the engine that alters it alters the meaning of every seed
     * noted anywhere, so it should be meant.
     */
    private static final String DIGEST_OF_SEED_42 = "7c806663c8b936a1d2efa9394e7214575a87e34f24bba1b7f8d1f9630aa218cf";

    /** Sends random batches to random hosts, answers some of what it gets, and uses all that a runtime has. */
    private static final class Chatterer implements Transport.Receiver {
        private final NodeRuntime runtime;
        private final List<SimHost> hosts;

        Chatterer(NodeRuntime runtime, List<SimHost> hosts) {
            this.runtime = runtime;
            this.hosts = hosts;
            runtime.transport().setReceiver(this);
            tick();
        }

        private void tick() {
            Endpoint to = hosts.get(runtime.random().nextInt(hosts.size())).address();
            if (runtime.random().nextInt(4) == 0) {
                to = to.withKind(Endpoint.Kind.TCP);
            }
            byte[] bytes = new byte[1 + runtime.random().nextInt(3000)];
            runtime.keys().fill(bytes);
            runtime.transport().send(to, bytes, 0, bytes.length, 1 + bytes.length / 3, Transport.CLASS_DEFAULT);
            CompletableFuture<Void> unused = runtime.store().write("last", bytes);
            runtime.timers().schedule((long) (runtime.random().nextDouble() * SECOND), this::tick);
        }

        @Override
        public void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
            if (runtime.random().nextInt(3) == 0) {
                runtime.transport().send(from, buffer, offset, length, segmentBytes, trafficClass);
            }
        }

        @Override
        public void onBatchEnd() {
            runtime.timers().schedule(SECOND / 10, () -> {}).cancel();
        }

        @Override
        public void onClosed(Endpoint remote) {
            runtime.timers().execute(() -> {});
        }

        @Override
        public void onWritable() {
            runtime.timers().execute(() -> {});
        }
    }

    private static SimWorld busyWorld(long seed) {
        SimWorld world = new SimWorld(seed);
        SimNetwork network = world.network();
        network.setDefaultLink(
                LinkModel.INTERNET.withLoss(0.05).withDuplication(0.02).withReordering(0.1, SECOND / 10));
        for (int i = 0; i < HOSTS; i++) {
            network.addHost("h" + i);
        }
        List<SimHost> hosts = network.hosts();
        hosts.forEach(host -> new Chatterer(host.start(), hosts));
        world.after(SECOND, () -> new Chatterer(hosts.get(3).restart(), hosts));
        world.after(2 * SECOND, () -> network.isolate(hosts.subList(0, 5)));
        world.after(3 * SECOND, () -> hosts.get(7).sleep(SECOND));
        world.after(3 * SECOND, () -> hosts.get(8).pause(SECOND));
        world.after(4 * SECOND, network::healAll);
        world.after(4 * SECOND, () -> network.clog(hosts.get(1), hosts.get(2), SECOND));
        world.runFor(20 * SECOND);
        return world;
    }

    @Test
    void digest_sameSeed_isTheSame() {
        SimSeeds.forEach(3, seed -> {
            SimWorld first = busyWorld(seed);
            SimWorld second = busyWorld(seed);
            assertThat(first.events()).isGreaterThan(1000).isEqualTo(second.events());
            assertThat(first.digest()).isEqualTo(second.digest());
        });
    }

    @Test
    void digest_otherSeed_isAnother() {
        assertThat(busyWorld(1).digest()).isNotEqualTo(busyWorld(2).digest());
    }

    @Test
    void digest_seed42_isTheSameOnEveryJdk() {
        assertThat(busyWorld(42).digest()).isEqualTo(DIGEST_OF_SEED_42);
    }

    @Test
    void digest_oneByteOfOneFrameDiffers_isAnother() {
        assertThat(digestOfFrame(new byte[100])).isEqualTo(digestOfFrame(new byte[100]));
        for (int i = 0; i < 100; i++) {
            byte[] other = new byte[100];
            other[i] = 1;
            assertThat(digestOfFrame(other)).as("byte %d", i).isNotEqualTo(digestOfFrame(new byte[100]));
        }
        assertThat(digestOfFrame(new byte[99])).isNotEqualTo(digestOfFrame(new byte[100]));
    }

    @Test
    void digest_readTwice_changesNothing() {
        SimWorld world = busyWorld(5);
        String digest = world.digest();
        assertThat(world.digest()).isEqualTo(digest);
    }

    private static String digestOfFrame(byte[] frame) {
        History history = new History();
        history.record(1, History.DELIVERED, 0, 1, frame);
        return history.digest();
    }
}
