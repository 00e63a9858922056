package io.p2pvpn.simulator.scenario;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What one run shall be like. Immutable; changes are checked, and refused with a message that says what is allowed.
 *
 * @param scenario what is done
 * @param nodes how many there are in the beginning
 * @param seed what all draws come from
 * @param seconds simulated time of the part that is measured; 0: until all is done
 * @param links what the network is like
 * @param hosts what the hosts are like
 * @param parameters the scenario's own settings, all of them
 */
public record Settings(
        Scenario scenario,
        int nodes,
        long seed,
        long seconds,
        Links links,
        Hosts hosts,
        Map<String, Double> parameters) {
    /** The longest time that can be asked for: 30 days. */
    public static final long SECONDS_MAX = 30 * 86_400L;

    /** The seed when nobody says. */
    public static final long USUAL_SEED = 1;

    /** Keeps its own copy of the map. */
    public Settings {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** What a scenario is like when nobody says. */
    public static Settings usual(Scenario scenario) {
        Profile profile = scenario.profile();
        Map<String, Double> parameters = new LinkedHashMap<>();
        profile.parameters().forEach(each -> parameters.put(each.name(), each.usual()));
        return new Settings(
                scenario, profile.nodes(), USUAL_SEED, profile.seconds(), profile.links(), Hosts.USUAL, parameters);
    }

    /**
     * The same with so many nodes.
     *
     * @throws IllegalArgumentException if the scenario does not take so many
     */
    public Settings withNodes(long count) {
        Profile profile = scenario.profile();
        checkRange((double) count, profile.nodesMin(), profile.nodesMax());
        return new Settings(scenario, (int) count, seed, seconds, links, hosts, parameters);
    }

    /** The same with another seed. */
    public Settings withSeed(long newSeed) {
        return new Settings(scenario, nodes, newSeed, seconds, links, hosts, parameters);
    }

    /**
     * The same with another duration.
     *
     * @throws IllegalArgumentException if that is out of range
     */
    public Settings withSeconds(long newSeconds) {
        if (newSeconds < 1 || newSeconds > SECONDS_MAX) {
            throw new IllegalArgumentException("must be from 1s to 30d");
        }
        return new Settings(scenario, nodes, seed, newSeconds, links, hosts, parameters);
    }

    /** The same on another network. */
    public Settings withLinks(Links newLinks) {
        return new Settings(scenario, nodes, seed, seconds, newLinks, hosts, parameters);
    }

    /** The same with other hosts. */
    public Settings withHosts(Hosts newHosts) {
        return new Settings(scenario, nodes, seed, seconds, links, newHosts, parameters);
    }

    /**
     * The same with another value of one of the scenario's parameters.
     *
     * @throws IllegalArgumentException if the scenario has no such parameter, or the value is out of range
     */
    public Settings with(String name, double value) {
        Parameter parameter = scenario.profile().parameter(name);
        if (parameter == null) {
            throw new IllegalArgumentException(
                    "is no setting of " + scenario.profile().name());
        }
        checkRange(value, parameter.least(), parameter.most());
        Map<String, Double> changed = new LinkedHashMap<>(parameters);
        changed.put(name, value);
        return new Settings(scenario, nodes, seed, seconds, links, hosts, changed);
    }

    /** The value of one of the scenario's parameters. */
    double value(String name) {
        return parameters.getOrDefault(name, Double.NaN);
    }

    /** Into how many parts the network is divided that may run beside each other. */
    int regions() {
        return scenario.profile().parameter(Parameter.REGIONS.name()) == null ? 1 : count(Parameter.REGIONS.name());
    }

    /** The same as a whole number. */
    int count(String name) {
        return (int) Math.round(value(name));
    }

    private static void checkRange(double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "must be from %s to %s", text(least), text(most)));
        }
    }

    private static String text(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
