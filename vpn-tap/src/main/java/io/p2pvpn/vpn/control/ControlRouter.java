package io.p2pvpn.vpn.control;

import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.names.ServiceType;
import io.p2pvpn.vpn.option.BootstrapAddress;
import io.p2pvpn.vpn.option.IpAddress;
import io.p2pvpn.vpn.option.IpPrefix;
import io.p2pvpn.vpn.option.Names;
import io.p2pvpn.vpn.option.NamespaceName;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** From a request's method, path and body to the backend's answer as text. Confined to the node's loop. */
final class ControlRouter {
    /**
     * An HTTP answer.
     *
     * @param status HTTP status code
     * @param contentType of the body
     * @param body text
     */
    record Answer(int status, String contentType, String body) {
        static final String JSON = "application/json";
        static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

        static Answer json(String body) {
            return new Answer(200, JSON, body);
        }

        static Answer error(int status, String message) {
            return new Answer(status, JSON, ControlJson.writeError(Kind.ofHttpStatus(status), message));
        }
    }

    private static final int PORT_MAX = 65_535;
    private static final int TARGET_CHARS_MAX = 255;
    private static final long PING_MILLIS_MAX = 60_000;

    private final ControlBackend backend;
    private @Nullable MetricsText metrics;

    ControlRouter(ControlBackend backend) {
        this.backend = backend;
    }

    /** The answer; completes exceptionally only when the backend breaks its contract. */
    CompletableFuture<Answer> route(String method, String uri, String body) {
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        if (path.equals(ControlPaths.CRAWL) && method.equals("GET")) {
            return route("POST", path, "{}");
        }
        String expected = methodOf(path);
        if (expected.isEmpty()) {
            return done(Answer.error(404, "no such thing here; this daemon serves /v1/status, /v1/peers, /metrics"));
        }
        if (!expected.equals(method)) {
            return done(Answer.error(405, "use " + expected + " for this path"));
        }
        CompletableFuture<Answer> answer;
        try {
            answer = dispatch(path, body);
        } catch (ControlException refused) {
            answer = CompletableFuture.failedFuture(refused);
        } catch (IllegalArgumentException wrong) {
            answer = done(Answer.error(Kind.WRONG_USAGE.httpStatus(), message(wrong)));
        } catch (RuntimeException broken) {
            answer = CompletableFuture.failedFuture(broken);
        }
        return answer.exceptionally(ControlRouter::explain);
    }

    private static String methodOf(String path) {
        return switch (path) {
            case ControlPaths.STATUS,
                    ControlPaths.PEERS,
                    ControlPaths.PLACES,
                    ControlPaths.NETCHECK,
                    ControlPaths.REQUESTS,
                    ControlPaths.METRICS -> "GET";
            case ControlPaths.PING,
                    ControlPaths.ROUTE,
                    ControlPaths.DHT,
                    ControlPaths.INVITE,
                    ControlPaths.DECIDE,
                    ControlPaths.MEMBERS,
                    ControlPaths.RULES,
                    ControlPaths.AUTHORITY,
                    ControlPaths.SERVICES,
                    ControlPaths.LOG,
                    ControlPaths.CRAWL,
                    ControlPaths.DASHBOARD,
                    ControlPaths.JOIN,
                    ControlPaths.LEAVE,
                    ControlPaths.DOWN -> "POST";
            default -> "";
        };
    }

    private CompletableFuture<Answer> dispatch(String path, String body) throws ControlException {
        return switch (path) {
            case ControlPaths.STATUS -> done(Answer.json(ControlJson.write(backend.status())));
            case ControlPaths.PEERS -> done(Answer.json(ControlJson.write(backend.peers())));
            case ControlPaths.PLACES -> done(Answer.json(ControlJson.write(backend.places())));
            case ControlPaths.NETCHECK -> done(Answer.json(ControlJson.write(backend.netcheck())));
            case ControlPaths.METRICS -> done(new Answer(200, Answer.PROMETHEUS, metricsText()));
            case ControlPaths.PING -> ping(read(body, PingRequest.class));
            case ControlPaths.ROUTE -> route(read(body, RouteRequest.class));
            case ControlPaths.DHT ->
                backend.dht(checked(read(body, DhtRequest.class)))
                        .thenApply(report -> Answer.json(ControlJson.write(report)));
            case ControlPaths.INVITE -> json(backend.invite(checked(read(body, InviteRequest.class))));
            case ControlPaths.REQUESTS -> json(backend.requests());
            case ControlPaths.DECIDE -> json(backend.decide(checked(read(body, DecisionRequest.class))));
            case ControlPaths.MEMBERS -> json(backend.members(checked(read(body, MembersRequest.class))));
            case ControlPaths.RULES -> json(backend.rules(checked(read(body, RulesRequest.class))));
            case ControlPaths.AUTHORITY -> json(backend.authority(checked(read(body, AuthorityRequest.class))));
            case ControlPaths.SERVICES -> json(backend.services(checked(read(body, ServicesRequest.class))));
            case ControlPaths.LOG -> json(backend.log(read(body, LogRequest.class)));
            case ControlPaths.CRAWL -> json(backend.crawl(checked(read(body, CrawlRequest.class))));
            case ControlPaths.DASHBOARD -> json(backend.dashboard(checked(read(body, DashboardRequest.class))));
            case ControlPaths.JOIN ->
                backend.join(checked(read(body, JoinRequest.class))).thenApply(ControlRouter::empty);
            case ControlPaths.LEAVE ->
                backend.leave(checked(read(body, LeaveRequest.class))).thenApply(ControlRouter::empty);
            case ControlPaths.DOWN -> backend.down().thenApply(ControlRouter::empty);
            default -> throw new ControlException(Kind.NOT_FOUND, "no such thing here");
        };
    }

    private String metricsText() {
        MetricsText text = metrics;
        if (text == null) {
            // Made at the first request: most daemons are never asked, and the registry costs memory.
            text = new MetricsText();
            metrics = text;
        }
        return text.render(backend.counters(), Gauges.of(backend.status(), backend.peers()));
    }

    private CompletableFuture<Answer> ping(PingRequest request) {
        String target = target(request.target());
        return backend.ping(target, request.seq(), timeout(request.timeoutMillis()))
                .thenApply(reply -> Answer.json(ControlJson.write(reply)));
    }

    private CompletableFuture<Answer> route(RouteRequest request) {
        String target = target(request.target());
        return backend.route(target, timeout(request.timeoutMillis()))
                .thenApply(report -> Answer.json(ControlJson.write(report)));
    }

    private static String target(@Nullable String text) {
        String target = require(text, "target");
        if (target.isEmpty() || target.length() > TARGET_CHARS_MAX) {
            throw new IllegalArgumentException("a target is a virtual IP, a name or an overlay ID");
        }
        return target;
    }

    private static Duration timeout(long millis) {
        if (millis < 1 || millis > PING_MILLIS_MAX) {
            throw new IllegalArgumentException("timeoutMillis must be from 1 to " + PING_MILLIS_MAX);
        }
        return Duration.ofMillis(millis);
    }

    /** The operation decides what else has to be there; keys and values are as long as the DHT takes them. */
    private static DhtRequest checked(DhtRequest request) {
        DhtRequest.Operation operation = request.operation();
        if (operation == null) {
            throw new IllegalArgumentException("operation is missing");
        }
        check(request.namespace(), NamespaceName::parse);
        if (operation != DhtRequest.Operation.DUMP
                && require(request.key(), "key").isEmpty()) {
            throw new IllegalArgumentException("a key has at least one character");
        }
        if (operation == DhtRequest.Operation.PUT || operation == DhtRequest.Operation.CLAIM) {
            var unused = require(request.value(), "value");
        }
        return request;
    }

    private static JoinRequest checked(JoinRequest request) {
        NamespaceName.parse(require(request.namespace(), "namespace"));
        if (request.bootstraps() == null) {
            throw new IllegalArgumentException("bootstraps is missing; it may be empty");
        }
        request.bootstraps().forEach(BootstrapAddress::parse);
        check(request.hostname(), Names::checkHostname);
        check(request.ip(), IpAddress::parse);
        check(request.cidr(), IpPrefix::parse);
        check(request.device(), Names::checkDevice);
        return request;
    }

    private static InviteRequest checked(InviteRequest request) {
        check(request.namespace(), NamespaceName::parse);
        var unused = require(request.role(), "role");
        return request;
    }

    private static DecisionRequest checked(DecisionRequest request) {
        check(request.namespace(), NamespaceName::parse);
        check(request.name(), Names::checkHostname);
        if (request.operation() == null) {
            throw new IllegalArgumentException("operation is missing");
        }
        var unused = target(request.target());
        return request;
    }

    private static MembersRequest checked(MembersRequest request) {
        check(request.namespace(), NamespaceName::parse);
        return request;
    }

    private static CrawlRequest checked(CrawlRequest request) {
        check(request.namespace(), NamespaceName::parse);
        long millis = request.timeoutMillis();
        if (millis != 0 && (millis < CrawlRequest.MIN_MILLIS || millis > CrawlRequest.MAX_MILLIS)) {
            throw new IllegalArgumentException(
                    "timeoutMillis must be from " + CrawlRequest.MIN_MILLIS + " to " + CrawlRequest.MAX_MILLIS);
        }
        return request;
    }

    private static RulesRequest checked(RulesRequest request) {
        check(request.namespace(), NamespaceName::parse);
        return request;
    }

    private static ServicesRequest checked(ServicesRequest request) {
        check(request.namespace(), NamespaceName::parse);
        check(request.service(), ServiceType::parse);
        ServicesRequest.Operation operation = request.operation();
        if (operation == null) {
            throw new IllegalArgumentException("operation is missing");
        }
        if (operation != ServicesRequest.Operation.FIND) {
            var unused = require(request.service(), "service");
        }
        if (operation == ServicesRequest.Operation.PUBLISH && (request.port() < 1 || request.port() > PORT_MAX)) {
            throw new IllegalArgumentException("a port is from 1 to " + PORT_MAX);
        }
        return request;
    }

    private static DashboardRequest checked(DashboardRequest request) {
        if (request.port() < 0 || request.port() > PORT_MAX) {
            throw new IllegalArgumentException("a port is from 0 (any) to " + PORT_MAX);
        }
        return request;
    }

    private static AuthorityRequest checked(AuthorityRequest request) {
        check(request.namespace(), NamespaceName::parse);
        AuthorityRequest.Operation operation = request.operation();
        if (operation == null) {
            throw new IllegalArgumentException("operation is missing");
        }
        if (operation == AuthorityRequest.Operation.IMPORT || operation == AuthorityRequest.Operation.INSTALL) {
            var unused = require(request.text(), "text");
        }
        return request;
    }

    private static <T extends Record> CompletableFuture<Answer> json(CompletableFuture<T> report) {
        return report.thenApply(document -> Answer.json(ControlJson.write(document)));
    }

    private static @Nullable String checked(LeaveRequest request) {
        check(request.namespace(), NamespaceName::parse);
        return request.namespace();
    }

    private static void check(@Nullable String text, Function<String, ?> parser) {
        if (text != null) {
            var unused = parser.apply(text);
        }
    }

    /** JSON may lack a field that the record says is there. */
    private static String require(@Nullable String text, String field) {
        if (text == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return text;
    }

    private static <T extends Record> T read(String body, Class<T> type) throws ControlException {
        T document = ControlJson.read(body, type);
        if (document == null) {
            throw new ControlException(Kind.WRONG_USAGE, "the body is not the JSON document this path takes");
        }
        return document;
    }

    private static Answer explain(Throwable failure) {
        Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        if (cause instanceof ControlException known) {
            return new Answer(
                    known.kind().httpStatus(), Answer.JSON, ControlJson.writeError(known.kind(), message(known)));
        }
        throw new CompletionException(cause);
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static Answer empty(@Nullable Void unused) {
        return Answer.json(ControlJson.writeEmpty());
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
