package io.p2pvpn.cli.doctor;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what {@code nft -j list ruleset} and {@code iptables -S} print: which way of a packet is closed by default. */
final class FirewallRules {
    /** The ways of a packet that a filter can stand in: to this host, from it, and through it. */
    enum Way {
        INPUT,
        OUTPUT,
        FORWARD
    }

    private static final JsonMapper MAPPER = new JsonMapper();

    private FirewallRules() {}

    /**
     * Which ways are closed to packets that no rule lets pass, and where that is said.
     *
     * @param json what nft printed
     * @return null if that cannot be read
     */
    static @Nullable Map<Way, String> closedByNft(String json) {
        JsonNode entries;
        try {
            entries = MAPPER.readTree(json).path("nftables");
        } catch (JacksonException unreadable) {
            return null;
        }
        if (!entries.isArray()) {
            return null;
        }
        Map<Way, String> closed = new LinkedHashMap<>();
        for (JsonNode entry : entries) {
            JsonNode chain = entry.path("chain");
            Way way = way(chain.path("hook").asString(""));
            if (way != null && (isDrop(chain) || endsInDrop(entries, chain))) {
                closed.putIfAbsent(
                        way,
                        "table " + chain.path("family").asString("") + " "
                                + chain.path("table").asString("") + ", chain "
                                + chain.path("name").asString(""));
            }
        }
        return closed;
    }

    private static boolean isDrop(JsonNode chain) {
        return chain.path("policy").asString("").equals("drop");
    }

    /** Whether the chain's last rule drops or rejects whatever gets there. */
    private static boolean endsInDrop(JsonNode entries, JsonNode chain) {
        JsonNode last = null;
        for (JsonNode entry : entries) {
            JsonNode rule = entry.path("rule");
            if (isOf(rule, chain)) {
                last = rule;
            }
        }
        if (last == null) {
            return false;
        }
        boolean drops = false;
        for (JsonNode expression : last.path("expr")) {
            if (expression.has("match") || expression.has("limit")) {
                return false;
            }
            drops |= expression.has("drop") || expression.has("reject");
        }
        return drops;
    }

    private static boolean isOf(JsonNode rule, JsonNode chain) {
        return rule.path("family").equals(chain.path("family"))
                && rule.path("table").equals(chain.path("table"))
                && rule.path("chain").equals(chain.path("name"));
    }

    private static @Nullable Way way(String hook) {
        return switch (hook) {
            case "input" -> Way.INPUT;
            case "output" -> Way.OUTPUT;
            case "forward" -> Way.FORWARD;
            default -> null;
        };
    }

    /** The same for the policies that {@code iptables -S} prints. */
    static Map<Way, String> closedByIptables(String text) {
        Map<Way, String> closed = new LinkedHashMap<>();
        for (Way way : Way.values()) {
            if (text.lines().anyMatch(("-P " + way + " DROP")::equals)) {
                closed.put(way, "iptables, chain " + way);
            }
        }
        return closed;
    }
}
