package io.p2pvpn.vpn.node;

import io.p2pvpn.vpn.control.AuthorityReport;
import io.p2pvpn.vpn.control.AuthorityRequest;
import io.p2pvpn.vpn.control.ControlBackend;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.CrawlRequest;
import io.p2pvpn.vpn.control.CrawlResult;
import io.p2pvpn.vpn.control.DashboardReport;
import io.p2pvpn.vpn.control.DashboardRequest;
import io.p2pvpn.vpn.control.DecisionReport;
import io.p2pvpn.vpn.control.DecisionRequest;
import io.p2pvpn.vpn.control.DhtReport;
import io.p2pvpn.vpn.control.DhtRequest;
import io.p2pvpn.vpn.control.InviteReport;
import io.p2pvpn.vpn.control.InviteRequest;
import io.p2pvpn.vpn.control.JoinRequest;
import io.p2pvpn.vpn.control.LogControl;
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
import io.p2pvpn.vpn.control.RulesReport;
import io.p2pvpn.vpn.control.RulesRequest;
import io.p2pvpn.vpn.control.ServicesReport;
import io.p2pvpn.vpn.control.ServicesRequest;
import io.p2pvpn.vpn.control.StatusReport;
import io.p2pvpn.vpn.dashboard.Dashboard;
import io.p2pvpn.vpn.namespace.Membership;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The control API over a {@link NodeDaemon}. Confined to the node's loop. */
final class NodeBackend implements ControlBackend {
    private final NodeDaemon daemon;
    private final Pings pings;
    private final RouteTraces traces;
    private final DhtRequests records;
    private final TrustRequests trust;
    private final ServiceRequests services;
    private final CrawlRequests crawls;
    private final LogControl log;
    private final Consumer<Boolean> stop;
    private final Dashboard dashboard;

    /**
     * Over that node.
     *
     * @param log what the program around it logs with
     * @param stop ends the node, for good (true) or until the next start (false)
     */
    NodeBackend(NodeDaemon daemon, LogControl log, Consumer<Boolean> stop) {
        this.daemon = daemon;
        this.pings = new Pings(daemon);
        this.traces = new RouteTraces(daemon);
        this.records = new DhtRequests(daemon);
        this.trust = new TrustRequests(daemon);
        this.services = new ServiceRequests(daemon);
        this.crawls = new CrawlRequests(daemon);
        daemon.facts().setLog(log);
        this.log = log;
        this.stop = stop;
        this.dashboard = new Dashboard(daemon.runtime(), this);
    }

    @Override
    public StatusReport status() {
        return Reports.status(daemon);
    }

    @Override
    public PeersReport peers() {
        return Reports.peers(daemon);
    }

    @Override
    public PlacesReport places() {
        return NetReports.places(daemon);
    }

    @Override
    public NetcheckReport netcheck() {
        return NetReports.netcheck(daemon);
    }

    @Override
    public CompletableFuture<PingReply> ping(String target, int sequence, Duration timeout) {
        return pings.ping(target, sequence, timeout);
    }

    @Override
    public CompletableFuture<RouteReport> route(String target, Duration timeout) {
        return traces.route(target, timeout);
    }

    @Override
    public CompletableFuture<DhtReport> dht(DhtRequest request) {
        return records.run(request);
    }

    @Override
    public CompletableFuture<InviteReport> invite(InviteRequest request) {
        return trust.invite(request);
    }

    @Override
    public CompletableFuture<RequestsReport> requests() {
        return trust.requests();
    }

    @Override
    public CompletableFuture<DecisionReport> decide(DecisionRequest request) {
        return trust.decide(request);
    }

    @Override
    public CompletableFuture<MembersReport> members(MembersRequest request) {
        return trust.members(request);
    }

    @Override
    public CompletableFuture<RulesReport> rules(RulesRequest request) {
        return trust.rules(request);
    }

    @Override
    public CompletableFuture<AuthorityReport> authority(AuthorityRequest request) {
        return trust.authority(request);
    }

    @Override
    public CompletableFuture<ServicesReport> services(ServicesRequest request) {
        return services.run(request);
    }

    @Override
    public CompletableFuture<CrawlResult> crawl(CrawlRequest request) {
        return crawls.run(request);
    }

    @Override
    public CompletableFuture<LogReport> log(LogRequest request) {
        LogLevel level = log.apply(request.level());
        return level == null
                ? CompletableFuture.failedFuture(new ControlException(
                        ControlException.Kind.FAILED, "this program decides by itself how much it logs"))
                : CompletableFuture.completedFuture(new LogReport(level));
    }

    @Override
    public Map<String, Long> counters() {
        return daemon.runtime().counters().snapshot();
    }

    @Override
    public CompletableFuture<DashboardReport> dashboard(DashboardRequest request) {
        return dashboard.apply(request);
    }

    /** Closes what listens beside the control socket. Callable from any thread. */
    void close() {
        dashboard.end();
    }

    @Override
    public CompletableFuture<@Nullable Void> join(JoinRequest request) {
        try {
            daemon.join(JoinRequests.options(request));
            return CompletableFuture.completedFuture(null);
        } catch (ControlException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    @Override
    public CompletableFuture<@Nullable Void> leave(@Nullable String namespace) {
        if (namespace == null) {
            stop.accept(true);
            return CompletableFuture.completedFuture(null);
        }
        Membership membership = daemon.membership(namespace);
        if (membership == null) {
            return CompletableFuture.failedFuture(new ControlException(
                    ControlException.Kind.NOT_FOUND, "this node is not in " + namespace + ": see p2pvpn status"));
        }
        return daemon.leave(membership).thenApply(done -> null);
    }

    @Override
    public CompletableFuture<@Nullable Void> down() {
        stop.accept(false);
        return CompletableFuture.completedFuture(null);
    }
}
