package io.p2pvpn.cli;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.p2pvpn.cli.node.NodeListener;
import io.p2pvpn.cli.node.NodeOptions;
import io.p2pvpn.cli.node.RunningNode;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.vpn.control.AuthorityReport;
import io.p2pvpn.vpn.control.AuthorityRequest;
import io.p2pvpn.vpn.control.ControlBackend;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlServer;
import io.p2pvpn.vpn.control.CrawlRequest;
import io.p2pvpn.vpn.control.CrawlResult;
import io.p2pvpn.vpn.control.DashboardReport;
import io.p2pvpn.vpn.control.DashboardRequest;
import io.p2pvpn.vpn.control.DecisionReport;
import io.p2pvpn.vpn.control.DecisionRequest;
import io.p2pvpn.vpn.control.DhtReport;
import io.p2pvpn.vpn.control.DhtReport.DhtEntry;
import io.p2pvpn.vpn.control.DhtRequest;
import io.p2pvpn.vpn.control.DhtRequest.Operation;
import io.p2pvpn.vpn.control.InviteReport;
import io.p2pvpn.vpn.control.InviteRequest;
import io.p2pvpn.vpn.control.JoinRequest;
import io.p2pvpn.vpn.control.LogLevel;
import io.p2pvpn.vpn.control.LogReport;
import io.p2pvpn.vpn.control.LogRequest;
import io.p2pvpn.vpn.control.MembersReport;
import io.p2pvpn.vpn.control.MembersRequest;
import io.p2pvpn.vpn.control.NetcheckReport;
import io.p2pvpn.vpn.control.PeersReport;
import io.p2pvpn.vpn.control.PingReply;
import io.p2pvpn.vpn.control.PlacesReport;
import io.p2pvpn.vpn.control.RequestsReport;
import io.p2pvpn.vpn.control.RouteReport;
import io.p2pvpn.vpn.control.RouteReport.RouteHop;
import io.p2pvpn.vpn.control.RulesReport;
import io.p2pvpn.vpn.control.RulesRequest;
import io.p2pvpn.vpn.control.ServicesReport;
import io.p2pvpn.vpn.control.ServicesRequest;
import io.p2pvpn.vpn.control.StatusReport;
import io.p2pvpn.vpn.control.StatusReport.NamespaceState;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NatStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import io.p2pvpn.vpn.control.StatusReport.RingStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A node with a real control socket and nothing behind it. What becomes of a join is in the namespace's name:
 * {@code waits*} waits for approval, {@code refused*} fails, others are joined at once.
 */
final class FakeNode implements RunningNode, ControlBackend {
    static final String ID = "0123456789abcdef0123456789abcdef01234567";

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final NodeListener listener;
    private final List<NamespaceStatus> namespaces = new ArrayList<>();
    private final CompletableFuture<Void> joined = new CompletableFuture<>();
    private final CompletableFuture<Integer> exited = new CompletableFuture<>();
    private final ControlServer server;

    private FakeNode(NodeOptions options, NodeListener listener) throws ControlException {
        this.listener = listener;
        try {
            server = ControlServer.start(loop, options.socket(), this, new Counters())
                    .join();
        } catch (CompletionException failure) {
            var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw (ControlException) failure.getCause();
        }
        loop.execute(() -> begin(options));
    }

    static RunningNode start(NodeOptions options, NodeListener listener) throws ControlException {
        return new FakeNode(options, listener);
    }

    private void begin(NodeOptions options) {
        listener.onNodeState(NodeState.ONLINE);
        listener.onNodeState(NodeState.ONLINE);
        JoinRequest join = options.join();
        if (join == null) {
            joined.complete(null);
        } else {
            var unused = join(join);
        }
    }

    @Override
    public PlacesReport places() {
        return new PlacesReport(null, List.of());
    }

    @Override
    public CompletableFuture<DashboardReport> dashboard(DashboardRequest request) {
        return CompletableFuture.completedFuture(
                request.stop()
                        ? new DashboardReport(null, 0)
                        : new DashboardReport("http://127.0.0.1:" + request.port() + "/#secret", request.port()));
    }

    @Override
    public CompletableFuture<Void> join(JoinRequest request) {
        String name = request.namespace();
        if (name.startsWith("refused")) {
            ControlException refusal = new ControlException(Kind.NOT_PERMITTED, name + " is not open");
            joined.completeExceptionally(refusal);
            return CompletableFuture.failedFuture(refusal);
        }
        NamespaceState state = name.startsWith("waits") ? NamespaceState.WAITING_APPROVAL : NamespaceState.JOINED;
        boolean member = state == NamespaceState.JOINED;
        NamespaceStatus status = new NamespaceStatus(
                name,
                ID,
                ID,
                state,
                "member",
                member ? "10.1.0.5" : null,
                member ? List.of("10.1.0.5/16", "fd00::5/64") : List.of(),
                "p2p0",
                1400,
                RingStatus.EMPTY,
                name + ".p2pvpn.internal",
                "hosts",
                member ? null : "ABCD-EFGH-JKMN",
                null,
                null);
        namespaces.add(status);
        listener.onNamespace(status);
        if (member) {
            joined.complete(null);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public StatusReport status() {
        return new StatusReport(
                "0.1.0",
                ID,
                NodeState.ONLINE,
                3700,
                List.of(new StatusReport.EndpointStatus("udp://192.0.2.7:40000", "local")),
                NatStatus.UNKNOWN,
                new RingStatus(3, List.of(ID), List.of()),
                List.copyOf(namespaces),
                List.of());
    }

    @Override
    public PeersReport peers() {
        return new PeersReport(List.of(
                new PeersReport.Peer(
                        ID,
                        "node2",
                        "lab",
                        "10.1.0.6",
                        List.of("near", "chota"),
                        5,
                        1_500,
                        2_000_000,
                        null,
                        List.of(new PeersReport.PathStatus(
                                "udp", "udp://192.0.2.8:40000", null, true, 0.512, 0.0, 1420))),
                new PeersReport.Peer(
                        ID.replace('0', 'f'),
                        null,
                        null,
                        null,
                        List.of("bootstrap"),
                        5,
                        0,
                        0,
                        "UDP is blocked",
                        List.of(new PeersReport.PathStatus("relay", null, ID, true, null, null, 1420)))));
    }

    @Override
    public NetcheckReport netcheck() {
        return new NetcheckReport(
                "passes",
                NatStatus.UNKNOWN,
                false,
                null,
                new NetcheckReport.Family(List.of("192.0.2.7"), true),
                new NetcheckReport.Family(List.of(), false),
                List.of(new StatusReport.EndpointStatus("udp://192.0.2.7:40000", "observed")),
                new NetcheckReport.Punching(300, 256, 2000, 3600, 12, 3, 1, 2, 1),
                List.of(new NetcheckReport.Relay(ID, 2)),
                List.of(new NetcheckReport.Peer(ID, List.of("near"), "udp", "udp://192.0.2.8:40000", 0.5, "direct")));
    }

    @Override
    public CompletableFuture<PingReply> ping(String target, int sequence, Duration timeout) {
        if (target.equals("nobody")) {
            return CompletableFuture.failedFuture(
                    new ControlException(Kind.NOT_FOUND, "nobody is not the name of a member"));
        }
        if (target.equals("silent") || (target.equals("lossy") && sequence == 1)) {
            return CompletableFuture.failedFuture(new ControlException(Kind.TIMED_OUT, "no reply"));
        }
        boolean relayed = target.equals("far") || (target.equals("near-soon") && sequence < 3);
        return CompletableFuture.completedFuture(
                relayed
                        ? new PingReply(sequence, 9.5, "relay", List.of(ID), "relay via 01234567: both NATs are alike")
                        : new PingReply(sequence, 1.5, "direct", List.of(), "direct"));
    }

    @Override
    public CompletableFuture<RouteReport> route(String target, Duration timeout) {
        boolean lost = target.equals("silent");
        return CompletableFuture.completedFuture(new RouteReport(
                target, "lab", ID, !lost, List.of(new RouteHop(ID, "node2", lost ? null : Double.valueOf(1.5)))));
    }

    @Override
    public CompletableFuture<DhtReport> dht(DhtRequest request) {
        String key = String.valueOf(request.key());
        if (key.equals("held")) {
            return CompletableFuture.failedFuture(new ControlException(Kind.FAILED, "another member holds held"));
        }
        boolean empty = key.equals("absent") || key.equals("unsure") || request.operation() == Operation.REMOVE;
        String value = request.value() == null ? "found" : request.value();
        DhtEntry entry = new DhtEntry(ID, ID, "plain", "live", 7, request.ttlSeconds(), value, "00");
        return CompletableFuture.completedFuture(
                new DhtReport(request.namespace(), ID, 3, !key.equals("unsure"), empty ? List.of() : List.of(entry)));
    }

    @Override
    public CompletableFuture<InviteReport> invite(InviteRequest request) {
        return "admin".equals(request.role())
                ? CompletableFuture.failedFuture(
                        new ControlException(Kind.NOT_PERMITTED, "this node is no administrator of lab"))
                : CompletableFuture.completedFuture(new InviteReport(
                        "p2pi1-x" + request.expiresSeconds() + "-" + request.validSeconds(),
                        "lab",
                        "2026-01-01T00:00:00Z",
                        request.uses()));
    }

    @Override
    public CompletableFuture<RequestsReport> requests() {
        return CompletableFuture.completedFuture(
                new RequestsReport(List.of(new RequestsReport.Request(ID, "node3", "lab", "ABCD-EFGH-JKMN", 65))));
    }

    @Override
    public CompletableFuture<DecisionReport> decide(DecisionRequest request) {
        return "nobody".equals(request.target())
                ? CompletableFuture.failedFuture(
                        new ControlException(Kind.NOT_FOUND, "nobody called nobody waits: see p2pvpn requests"))
                : CompletableFuture.completedFuture(
                        new DecisionReport("lab", request.operation() + " " + request.target() + " " + request.name()));
    }

    @Override
    public CompletableFuture<MembersReport> members(MembersRequest request) {
        return CompletableFuture.completedFuture(new MembersReport(
                "lab",
                List.of(new MembersReport.Member(ID, "node2", "10.1.0.2", "admin", true, "2026-01-01T00:00:00Z"))));
    }

    @Override
    public CompletableFuture<RulesReport> rules(RulesRequest request) {
        return CompletableFuture.completedFuture(
                new RulesReport("lab", 3, "default deny\nallow role:admin -> * : tcp/22\n"));
    }

    @Override
    public CompletableFuture<ServicesReport> services(ServicesRequest request) {
        return CompletableFuture.completedFuture(new ServicesReport(
                "lab", List.of(new ServicesReport.Service("ssh/tcp", "node2", "node2.lab.p2pvpn.internal", 22))));
    }

    @Override
    public CompletableFuture<CrawlResult> crawl(CrawlRequest request) {
        String method = request.method() == null ? "mapreduce" : request.method();
        return CompletableFuture.completedFuture(new CrawlResult(
                method,
                "lists",
                request.publicRing() ? null : "lab",
                1,
                0.5,
                1,
                0,
                12.5,
                4,
                900,
                1,
                0.25,
                false,
                List.of(ID),
                List.of(new CrawlResult.GapEntry(ID, ID, "silent", ID)),
                List.of(ID),
                List.of(new CrawlResult.InconsistencyEntry(ID, ID, null, "left2")),
                List.of(new CrawlResult.FindingEntry("crash", ID, ID, "01234567 does not answer")),
                List.of(new CrawlResult.RingEntry(
                        ID, "node2", List.of(ID), List.of(ID), List.of(), List.of(), List.of()))));
    }

    @Override
    public CompletableFuture<LogReport> log(LogRequest request) {
        return CompletableFuture.completedFuture(
                new LogReport(request.level() == null ? LogLevel.INFO : request.level()));
    }

    @Override
    public CompletableFuture<AuthorityReport> authority(AuthorityRequest request) {
        return CompletableFuture.completedFuture(
                new AuthorityReport("lab", request.operation().name()));
    }

    @Override
    public Map<String, Long> counters() {
        return Map.of("session.drop.replay", 1L);
    }

    @Override
    public CompletableFuture<Void> leave(String namespace) {
        if (namespace == null) {
            return down();
        }
        return namespaces.removeIf(each -> each.name().equals(namespace))
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(
                        new ControlException(Kind.NOT_FOUND, "not in namespace " + namespace + ": see p2pvpn status"));
    }

    @Override
    public CompletableFuture<Void> down() {
        loop.execute(this::end);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> joined() {
        return joined;
    }

    @Override
    public void change(NodeOptions options) {
        listener.onNotice("relays " + options.relayMegabits() + " Mbit/s, enters by " + options.bootstraps());
    }

    @Override
    public CompletableFuture<Void> responds() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public boolean isFirstJoin() {
        return true;
    }

    @Override
    public void stop() {
        loop.execute(this::end);
    }

    private void end() {
        server.close();
        var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(done -> exited.complete(0));
    }

    @Override
    public CompletableFuture<Integer> exited() {
        return exited;
    }
}
