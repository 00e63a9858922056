package io.p2pvpn.simulator.scenario;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The scenarios there are. */
public final class Scenarios {
    private static final List<Scenario> ALL = List.of(
            new JoinScenario(),
            new MassStartScenario(),
            new PrivateJoinScenario(),
            new ChurnScenario(),
            new PartitionScenario(),
            new LookupScenario(),
            new CrawlScenario(),
            new CoordinatesScenario(),
            new NatScenario(),
            new IdleScenario(),
            new BaselineScenario(),
            new ConvergedScenario());

    private Scenarios() {}

    /** All, in the order in which they are listed. */
    public static List<Scenario> all() {
        return ALL;
    }

    /** The scenario of that name, or null. */
    public static @Nullable Scenario named(String name) {
        for (Scenario each : ALL) {
            if (each.profile().name().equals(name)) {
                return each;
            }
        }
        return null;
    }
}
