package io.p2pvpn.vpn.dashboard;

import io.p2pvpn.vpn.control.ControlBackend;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.DecisionRequest;
import io.p2pvpn.vpn.control.MembersRequest;
import io.p2pvpn.vpn.option.Names;
import io.p2pvpn.vpn.option.NamespaceName;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The documents that the page reads, and the one thing that it can do. Thread-safe. */
final class PageApi {
    static final String STATUS = "/v1/status";
    static final String PEERS = "/v1/peers";
    static final String PLACES = "/v1/places";
    static final String REQUESTS = "/v1/requests";
    static final String MEMBERS = "/v1/members";
    static final String HISTORY = "/v1/history";
    static final String PATHS = "/v1/paths";
    static final String DECIDE = "/v1/decide";

    private static final Duration READ_TIME_MAX = Duration.ofSeconds(5);
    /** Members are asked one after another, and replicas several times. */
    private static final Duration ASK_TIME_MAX = Duration.ofSeconds(30);

    private static final Pattern ID = Pattern.compile("[0-9a-f]{40}");
    private static final int TARGET_CHARS_MAX = 255;

    private final NodeCalls node;
    private final History history;

    PageApi(NodeCalls node, History history) {
        this.node = node;
        this.history = history;
    }

    /** The method that a path takes; null if there is nothing at it. */
    static @Nullable String methodOf(String path) {
        return switch (path) {
            case STATUS, PEERS, PLACES, REQUESTS, MEMBERS, HISTORY, PATHS -> "GET";
            case DECIDE -> "POST";
            default -> null;
        };
    }

    /**
     * The document at a path that has one.
     *
     * @param query as it came, percent-encoded; null if there was none
     */
    String answer(String path, @Nullable String query, String body) throws ControlException {
        return switch (path) {
            case STATUS -> ControlJson.write(node.read(READ_TIME_MAX, ControlBackend::status));
            case PEERS -> ControlJson.write(node.read(READ_TIME_MAX, ControlBackend::peers));
            case PLACES -> ControlJson.write(node.read(READ_TIME_MAX, ControlBackend::places));
            case REQUESTS -> ControlJson.write(node.ask(ASK_TIME_MAX, ControlBackend::requests));
            case MEMBERS -> {
                MembersRequest request = new MembersRequest(namespace(query));
                yield ControlJson.write(node.ask(ASK_TIME_MAX, backend -> backend.members(request)));
            }
            case HISTORY -> ControlJson.write(history.points());
            case PATHS -> ControlJson.write(history.paths(namespace(query), peer(query)));
            case DECIDE -> {
                DecisionRequest request = decision(body);
                yield ControlJson.write(node.ask(ASK_TIME_MAX, backend -> backend.decide(request)));
            }
            default -> throw new ControlException(Kind.NOT_FOUND, "no such thing here");
        };
    }

    private static @Nullable String namespace(@Nullable String query) {
        String name = parameters(query).get("namespace");
        return name == null ? null : NamespaceName.parse(name).toString();
    }

    private static String peer(@Nullable String query) {
        String id = parameters(query).get("peer");
        if (id == null || !ID.matcher(id).matches()) {
            throw new IllegalArgumentException("a peer is an overlay ID: 40 hex digits");
        }
        return id;
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (query != null) {
            for (String part : query.split("&", -1)) {
                int equals = part.indexOf('=');
                if (equals > 0) {
                    parameters.put(
                            part.substring(0, equals),
                            URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
                }
            }
        }
        return parameters;
    }

    /** The page decides about people as they are and asked: it gives no names, roles or times of its own. */
    private static DecisionRequest decision(String body) {
        DecisionRequest asked = ControlJson.read(body, DecisionRequest.class);
        String namespace = asked == null ? null : asked.namespace();
        String target = asked == null ? null : asked.target();
        if (asked == null || asked.operation() == null || namespace == null || target == null) {
            throw new IllegalArgumentException("a decision has an operation, a namespace and a target");
        }
        var unused = NamespaceName.parse(namespace);
        if (target.isEmpty() || target.length() > TARGET_CHARS_MAX) {
            throw new IllegalArgumentException("a target is a code, an overlay ID or a name");
        }
        if (asked.name() != null) {
            Names.checkHostname(asked.name());
        }
        return new DecisionRequest(asked.operation(), namespace, target, asked.name(), null, 0);
    }
}
