package io.p2pvpn.vpn.control;

import java.util.Map;

/**
 * A value of the node at this moment, for the metrics text. Names and label names are fixed by the code; label values
 * are bounded in number by what the node itself bounds.
 *
 * @param name dotted, without the program's, for example {@code ring.size}
 * @param unit base unit by Prometheus' conventions ({@code seconds}, {@code bytes}, {@code ratio}); empty for a number
 * @param description one sentence
 * @param labels what tells this value from others of the name; every value of a name has the same label names
 * @param value now
 */
record Gauge(String name, String unit, String description, Map<String, String> labels, double value) {}
