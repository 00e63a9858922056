package io.p2pvpn.simulator.converged;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.simulator.SimWorld;
import io.p2pvpn.simulator.WorldTimers;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** The environment of a {@link LightMember}: time and chance; it has no underlay, no files and no threads. */
final class LightRuntime implements NodeRuntime, Clock {
    private final SimWorld world;
    private final Timers timers;
    private final Counters counters;
    private final SplittableRandom random;

    LightRuntime(SimWorld world, int number, Counters counters, SplittableRandom random) {
        this.world = world;
        this.timers = new WorldTimers(world, number);
        this.counters = counters;
        this.random = random;
    }

    @Override
    public long nanoTime() {
        return world.nanoTime();
    }

    @Override
    public long epochMillis() {
        return world.epochMillis();
    }

    @Override
    public Clock clock() {
        return this;
    }

    @Override
    public Timers timers() {
        return timers;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public KeySource keys() {
        return random::nextBytes;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Transport transport() {
        throw new UnsupportedOperationException("no underlay");
    }

    @Override
    public Store store() {
        throw new UnsupportedOperationException("no files");
    }

    @Override
    public Blocking blocking() {
        throw new UnsupportedOperationException("no threads");
    }
}
