package io.p2pvpn.simulator.scenario;

/**
 * A number that a scenario lets people choose.
 *
 * @param name its key in scenario files, with its unit if it has one
 * @param meaning what it is, in a few words
 * @param least the smallest value
 * @param most the largest value
 * @param usual the value when nobody says
 */
public record Parameter(String name, String meaning, double least, double most, double usual) {
    /** Of scenarios that can use more than one processor. */
    static final Parameter REGIONS =
            new Parameter("regions", "parts of the network that can be simulated by a processor each", 1, 64, 1);

    /** Checks that the usual value is within the range. */
    public Parameter {
        if (!(least <= usual && usual <= most)) {
            throw new IllegalArgumentException(name + " is usually out of range");
        }
    }
}
