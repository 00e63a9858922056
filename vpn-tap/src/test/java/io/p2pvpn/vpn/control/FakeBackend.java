package io.p2pvpn.vpn.control;

import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.StatusReport.EndpointStatus;
import io.p2pvpn.vpn.control.StatusReport.EthernetStatus;
import io.p2pvpn.vpn.control.StatusReport.GuestStatus;
import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.NamespaceState;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NatStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import io.p2pvpn.vpn.control.StatusReport.RingStatus;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A daemon with one namespace that answers from constants and remembers what it was told. */
public class FakeBackend implements ControlBackend {
    public static final String ID = "0123456789abcdef0123456789abcdef01234567";

    final List<String> calls = new ArrayList<>();

    private volatile String note = "the clock is off: set it";

    /** What its health says. */
    public void say(String text) {
        note = text;
    }

    /** What it was told, for tests of other packages. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    @Override
    public StatusReport status() {
        return new StatusReport(
                "0.1.0",
                ID,
                NodeState.ONLINE,
                77,
                List.of(new EndpointStatus("udp://192.0.2.7:40000", "local")),
                NatStatus.UNKNOWN,
                new RingStatus(4, List.of(ID), List.of(ID)),
                List.of(new NamespaceStatus(
                        "lab",
                        ID + ID.substring(0, 24),
                        ID,
                        NamespaceState.WAITING_APPROVAL,
                        "member",
                        null,
                        List.of(),
                        "p2p0",
                        1400,
                        RingStatus.EMPTY,
                        "lab.p2pvpn.internal",
                        "hosts",
                        "ABCD-EFGH-JKMN",
                        null,
                        new EthernetStatus(
                                "02:00:00:00:00:01",
                                "br0",
                                false,
                                List.of(new GuestStatus("02:00:00:00:00:02", "10.128.0.9", "vm"))))),
                List.of(new Health("clock-off", Severity.WARNING, note)));
    }

    @Override
    public PeersReport peers() {
        return new PeersReport(List.of(new PeersReport.Peer(
                ID,
                "node2",
                "lab",
                "10.128.0.2",
                List.of("near"),
                12,
                100,
                200,
                null,
                List.of(new PeersReport.PathStatus("udp", "udp://192.0.2.8:40000", null, true, 0.5, null, 1420)))));
    }

    @Override
    public PlacesReport places() {
        PlacesReport.Place own = new PlacesReport.Place(ID, null, List.of(1.0, 2.0, 3.0), 0.5, 0.1);
        return new PlacesReport(own, List.of(new PlacesReport.Place(ID, "lab", List.of(4.0, 5.0, 6.0), 1.5, 0.2)));
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
                List.of(new EndpointStatus("udp://192.0.2.7:40000", "observed")),
                new NetcheckReport.Punching(300, 256, 2000, 3600, 12, 3, 1, 2, 1),
                List.of(new NetcheckReport.Relay(ID, 2)),
                List.of(new NetcheckReport.Peer(ID, List.of("near"), "udp", "udp://192.0.2.8:40000", 0.5, "direct")));
    }

    @Override
    public CompletableFuture<PingReply> ping(String target, int sequence, Duration timeout) {
        calls.add("ping " + target + " " + sequence + " " + timeout.toMillis());
        return switch (target) {
            case "nobody" -> failed(Kind.NOT_FOUND, "no member is called nobody");
            case "silent" -> failed(Kind.TIMED_OUT, "no reply");
            case "broken" -> CompletableFuture.failedFuture(new IllegalStateException("secret\n\tat some.Class"));
            default ->
                CompletableFuture.completedFuture(new PingReply(sequence, 1.25, "relay", List.of(ID), "relay: tried"));
        };
    }

    @Override
    public CompletableFuture<RouteReport> route(String target, Duration timeout) {
        calls.add("route " + target + " " + timeout.toMillis());
        return CompletableFuture.completedFuture(
                new RouteReport(target, null, ID, false, List.of(new RouteReport.RouteHop(ID, null, null))));
    }

    @Override
    public CompletableFuture<DhtReport> dht(DhtRequest request) {
        calls.add("dht " + request);
        return "held".equals(request.key())
                ? failed(Kind.FAILED, "another member holds held")
                : CompletableFuture.completedFuture(new DhtReport(
                        request.namespace(),
                        ID,
                        8,
                        true,
                        List.of(new DhtReport.DhtEntry(ID, ID, "claim", "live", 9, 60, null, "ff"))));
    }

    @Override
    public CompletableFuture<InviteReport> invite(InviteRequest request) {
        calls.add("invite " + request);
        return CompletableFuture.completedFuture(
                new InviteReport("p2pi1-x", "lab", "2026-01-01T00:00:00Z", request.uses()));
    }

    @Override
    public CompletableFuture<RequestsReport> requests() {
        return CompletableFuture.completedFuture(
                new RequestsReport(List.of(new RequestsReport.Request(ID, "node3", "lab", "ABCD-EFGH-JKMN", 5))));
    }

    @Override
    public CompletableFuture<DecisionReport> decide(DecisionRequest request) {
        calls.add("decide " + request);
        return "nobody".equals(request.target())
                ? failed(Kind.NOT_FOUND, "nobody called nobody waits")
                : CompletableFuture.completedFuture(new DecisionReport("lab", request.target()));
    }

    @Override
    public CompletableFuture<MembersReport> members(MembersRequest request) {
        return CompletableFuture.completedFuture(new MembersReport(
                "lab", List.of(new MembersReport.Member(ID, "node2", "10.128.0.2", "admin", true, null))));
    }

    @Override
    public CompletableFuture<RulesReport> rules(RulesRequest request) {
        calls.add("rules " + request);
        return CompletableFuture.completedFuture(new RulesReport("lab", 3, request.text()));
    }

    @Override
    public CompletableFuture<ServicesReport> services(ServicesRequest request) {
        calls.add("services " + request);
        return CompletableFuture.completedFuture(new ServicesReport(
                "lab", List.of(new ServicesReport.Service("ssh/tcp", "node2", "node2.lab.p2pvpn.internal", 22))));
    }

    @Override
    public CompletableFuture<CrawlResult> crawl(CrawlRequest request) {
        calls.add("crawl " + request);
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
        return Map.of("session.drop.replay", 3L, "tun.drop.too-big", 0L);
    }

    @Override
    public CompletableFuture<DashboardReport> dashboard(DashboardRequest request) {
        calls.add("dashboard " + request);
        return CompletableFuture.completedFuture(new DashboardReport("http://127.0.0.1:4040/#x", 4040));
    }

    @Override
    public CompletableFuture<Void> join(JoinRequest request) {
        calls.add("join " + request);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> leave(String namespace) {
        calls.add("leave " + namespace);
        return "other".equals(namespace)
                ? failed(Kind.NOT_FOUND, "not in namespace other:\nsee p2pvpn status")
                : CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> down() {
        calls.add("down");
        return CompletableFuture.completedFuture(null);
    }

    private static <T> CompletableFuture<T> failed(Kind kind, String message) {
        return CompletableFuture.failedFuture(new ControlException(kind, message));
    }
}
