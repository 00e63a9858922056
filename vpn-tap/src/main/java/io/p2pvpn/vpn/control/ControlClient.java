package io.p2pvpn.vpn.control;

import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A daemon as its clients see it. Blocking, one connection for each call, plain JDK so that a command starts fast.
 * Every failure is a {@link ControlException} whose kind is the exit code. Thread-safe.
 */
public final class ControlClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** A leave hands records over and asks other members. */
    private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(30);
    /** A claim may go through several rounds. */
    private static final Duration DHT_TIMEOUT = Duration.ofSeconds(60);
    /** Members are asked one after another, and replicas several times. */
    private static final Duration TRUST_TIMEOUT = Duration.ofSeconds(30);
    /** What a request takes beyond the time that the asked thing may take. */
    private static final Duration MARGIN = Duration.ofSeconds(3);
    /** What does not agree is looked at again after a pause, and asked about. */
    private static final Duration CRAWL_MARGIN = Duration.ofSeconds(45);

    private final Path socket;

    /** A client of the daemon at this socket; nothing is opened yet. */
    public ControlClient(Path socket) {
        this.socket = socket;
    }

    /** Whether a daemon accepts connections there (and this user may connect). */
    public boolean isAlive() {
        return ControlSocketFile.isAlive(socket);
    }

    /** What the node is and how it fares. */
    public StatusReport status() throws ControlException {
        return parse(get(ControlPaths.STATUS), StatusReport.class);
    }

    /** Whom it talks to. */
    public PeersReport peers() throws ControlException {
        return parse(get(ControlPaths.PEERS), PeersReport.class);
    }

    /** Where the node and its peers stand in the space of round trips. */
    public PlacesReport places() throws ControlException {
        return parse(get(ControlPaths.PLACES), PlacesReport.class);
    }

    /** What the network lets through. */
    public NetcheckReport netcheck() throws ControlException {
        return parse(get(ControlPaths.NETCHECK), NetcheckReport.class);
    }

    /** Counters as Prometheus text. */
    public String metrics() throws ControlException {
        return get(ControlPaths.METRICS);
    }

    /** One ping; {@link Kind#TIMED_OUT} when no reply came in time. */
    public PingReply ping(String target, int sequence, Duration timeout) throws ControlException {
        PingRequest request = new PingRequest(target, sequence, timeout.toMillis());
        return parse(post(ControlPaths.PING, ControlJson.write(request), timeout.plus(MARGIN)), PingReply.class);
    }

    /** The hops over the ring to a target, as far as they answered in time. */
    public RouteReport route(String target, Duration timeout) throws ControlException {
        RouteRequest request = new RouteRequest(target, timeout.toMillis());
        return parse(post(ControlPaths.ROUTE, ControlJson.write(request), timeout.plus(MARGIN)), RouteReport.class);
    }

    /** Works on a DHT. */
    public DhtReport dht(DhtRequest request) throws ControlException {
        return parse(post(ControlPaths.DHT, ControlJson.write(request), DHT_TIMEOUT), DhtReport.class);
    }

    /** Makes an invite. */
    public InviteReport invite(InviteRequest request) throws ControlException {
        return parse(post(ControlPaths.INVITE, ControlJson.write(request), TRUST_TIMEOUT), InviteReport.class);
    }

    /** Who waits to be let in. */
    public RequestsReport requests() throws ControlException {
        return parse(exchange("GET", ControlPaths.REQUESTS, "", TRUST_TIMEOUT), RequestsReport.class);
    }

    /** Lets somebody in, or sends or puts somebody away. */
    public DecisionReport decide(DecisionRequest request) throws ControlException {
        return parse(post(ControlPaths.DECIDE, ControlJson.write(request), TRUST_TIMEOUT), DecisionReport.class);
    }

    /** Who is a member. */
    public MembersReport members(MembersRequest request) throws ControlException {
        return parse(post(ControlPaths.MEMBERS, ControlJson.write(request), TRUST_TIMEOUT), MembersReport.class);
    }

    /** Looks at all members of a ring. */
    public CrawlResult crawl(CrawlRequest request) throws ControlException {
        Duration timeout = Duration.ofMillis(request.timeoutMillis()).plus(CRAWL_MARGIN);
        return parse(post(ControlPaths.CRAWL, ControlJson.write(request), timeout), CrawlResult.class);
    }

    /** The access rules, after setting them if that is asked. */
    public RulesReport rules(RulesRequest request) throws ControlException {
        return parse(post(ControlPaths.RULES, ControlJson.write(request), TRUST_TIMEOUT), RulesReport.class);
    }

    /** Works on the key that speaks for a namespace, or on a certificate that it signs. */
    public AuthorityReport authority(AuthorityRequest request) throws ControlException {
        return parse(post(ControlPaths.AUTHORITY, ControlJson.write(request), TRUST_TIMEOUT), AuthorityReport.class);
    }

    /** Offers a service, takes it back, or asks who offers what. */
    public ServicesReport services(ServicesRequest request) throws ControlException {
        return parse(post(ControlPaths.SERVICES, ControlJson.write(request), DHT_TIMEOUT), ServicesReport.class);
    }

    /** How much the daemon logs, after changing it if that is asked. */
    public LogReport log(LogRequest request) throws ControlException {
        return parse(post(ControlPaths.LOG, ControlJson.write(request), TIMEOUT), LogReport.class);
    }

    /** Opens or closes the daemon's local web page. */
    public DashboardReport dashboard(DashboardRequest request) throws ControlException {
        return parse(post(ControlPaths.DASHBOARD, ControlJson.write(request), TIMEOUT), DashboardReport.class);
    }

    /** Has the daemon start to join one more namespace; {@link #status} tells how it goes. */
    public void join(JoinRequest request) throws ControlException {
        post(ControlPaths.JOIN, ControlJson.write(request), TIMEOUT);
    }

    /** Gives up lease and admission of one namespace, or of all and stops the daemon. */
    public void leave(@Nullable String namespace) throws ControlException {
        String request = ControlJson.write(new LeaveRequest(namespace));
        if (namespace == null) {
            postLast(ControlPaths.LEAVE, request, LEAVE_TIMEOUT);
        } else {
            post(ControlPaths.LEAVE, request, LEAVE_TIMEOUT);
        }
    }

    /** Stops the daemon. */
    public void down() throws ControlException {
        postLast(ControlPaths.DOWN, ControlJson.writeEmpty(), TIMEOUT);
    }

    private String get(String path) throws ControlException {
        return exchange("GET", path, "", TIMEOUT);
    }

    private String post(String path, String body, Duration timeout) throws ControlException {
        return exchange("POST", path, body, timeout);
    }

    /** A request that ends the daemon: it may be gone before its answer. */
    private void postLast(String path, String body, Duration timeout) throws ControlException {
        try {
            post(path, body, timeout);
        } catch (ControlException failure) {
            if (!(failure.getCause() instanceof HttpExchange.HungUpException)) {
                throw failure;
            }
        }
    }

    private String exchange(String method, String path, String body, Duration timeout) throws ControlException {
        HttpExchange.Response response;
        try {
            response = HttpExchange.run(socket, method, path, body.getBytes(StandardCharsets.UTF_8), timeout);
        } catch (HttpExchange.DeadlineException late) {
            throw new ControlException(
                    Kind.TIMED_OUT,
                    "the daemon at " + socket + " did not answer within " + timeout.toSeconds() + " s: see its log",
                    late);
        } catch (HttpExchange.NotConnectedException refused) {
            throw notConnected(refused);
        } catch (IOException broken) {
            throw new ControlException(
                    Kind.NO_DAEMON,
                    "the daemon at " + socket + " hung up (" + broken.getMessage() + "): see its log",
                    broken);
        }
        if (response.status() != 200) {
            throw refused(response);
        }
        return response.body();
    }

    private ControlException notConnected(HttpExchange.NotConnectedException cause) {
        Path parent = socket.toAbsolutePath().getParent();
        boolean hidden = parent != null && Files.isDirectory(parent) && !Files.isExecutable(parent);
        if (hidden || (Files.exists(socket) && !Files.isWritable(socket))) {
            return new ControlException(
                    Kind.NOT_PERMITTED, "not permitted to use " + socket + ": run it as root (sudo)", cause);
        }
        return new ControlException(
                Kind.NO_DAEMON,
                "no daemon is running here (" + socket + "): start one with p2pvpn join, or name its socket with"
                        + " --socket",
                cause);
    }

    private static ControlException refused(HttpExchange.Response response) {
        String message = ControlJson.readError(response.body());
        return new ControlException(
                Kind.ofHttpStatus(response.status()),
                message == null ? "the daemon answered with HTTP status " + response.status() : message);
    }

    private <T extends Record> T parse(String body, Class<T> type) throws ControlException {
        T document = ControlJson.read(body, type);
        if (document == null) {
            throw new ControlException(
                    Kind.FAILED, "the daemon at " + socket + " speaks another version: restart it with this one");
        }
        return document;
    }
}
