package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn rules}.
 *
 * @param namespace of which
 * @param version how often they have been set
 * @param text the rules in force, canonical; null if there are none, so that everything passes
 */
public record RulesReport(
        String namespace, long version, @Nullable String text) {}
