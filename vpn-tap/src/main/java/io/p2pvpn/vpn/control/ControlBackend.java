package io.p2pvpn.vpn.control;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a daemon offers through its control socket. Called on the node's loop; futures complete there too, and fail
 * with a {@link ControlException} whose message a person can act on.
 */
public interface ControlBackend {
    /** What the node is and how it fares. */
    StatusReport status();

    /** Whom it talks to and over which paths. */
    PeersReport peers();

    /** Where it and its peers stand in the space of round trips. */
    PlacesReport places();

    /** What the network lets through, as far as the node has found out. */
    NetcheckReport netcheck();

    /**
     * Sends one overlay-level ping.
     *
     * @param target virtual IP, name or overlay ID (40 hex digits); the backend decides which
     * @param sequence copied into the reply
     * @param timeout after which the future fails with {@link ControlException.Kind#TIMED_OUT}; an unknown target
     *     fails with {@link ControlException.Kind#NOT_FOUND}
     */
    CompletableFuture<PingReply> ping(String target, int sequence, Duration timeout);

    /**
     * Follows the hops over the ring to a target. Completes within the timeout, with what is known by then; an unknown
     * target fails with {@link ControlException.Kind#NOT_FOUND}.
     *
     * @param target virtual IP, name or overlay ID (40 hex digits)
     */
    CompletableFuture<RouteReport> route(String target, Duration timeout);

    /**
     * Works on a DHT. A key that another owner holds fails with {@link ControlException.Kind#FAILED}, too few replicas
     * with {@link ControlException.Kind#TIMED_OUT}; a look-up that found nothing is no failure.
     */
    CompletableFuture<DhtReport> dht(DhtRequest request);

    /** Makes an invite; fails with {@link ControlException.Kind#NOT_PERMITTED} where the node is no administrator. */
    CompletableFuture<InviteReport> invite(InviteRequest request);

    /** Who waits to be let into the namespaces of this node. */
    CompletableFuture<RequestsReport> requests();

    /** Lets somebody in, or sends or puts somebody away. */
    CompletableFuture<DecisionReport> decide(DecisionRequest request);

    /** Who is a member of a namespace. */
    CompletableFuture<MembersReport> members(MembersRequest request);

    /** The access rules of a namespace, after setting them if that is asked. */
    CompletableFuture<RulesReport> rules(RulesRequest request);

    /** Works on the key that speaks for a namespace, or on a certificate that it signs. */
    CompletableFuture<AuthorityReport> authority(AuthorityRequest request);

    /** Offers a service to the members, takes it back, or tells who offers what. */
    CompletableFuture<ServicesReport> services(ServicesRequest request);

    /** Looks at all members of a ring. */
    CompletableFuture<CrawlResult> crawl(CrawlRequest request);

    /** How much is logged, after changing it if that is asked. */
    CompletableFuture<LogReport> log(LogRequest request);

    /** Every counter of the node by name, for the metrics text. */
    Map<String, Long> counters();

    /** Opens or closes the local web page; fails with {@link ControlException.Kind#FAILED} where the port is taken. */
    CompletableFuture<DashboardReport> dashboard(DashboardRequest request);

    /**
     * Starts to join one more namespace. Completes when the request is understood and under way: the namespace is
     * then listed in {@link #status}, whose state tells the rest.
     */
    CompletableFuture<@Nullable Void> join(JoinRequest request);

    /**
     * Gives up lease and admission of one namespace, or of all and then stops the daemon when {@code namespace} is
     * null. Completes when the records are handed over or removed.
     */
    CompletableFuture<@Nullable Void> leave(@Nullable String namespace);

    /** Stops the daemon; membership and lease stay in its state. Completes just before the loop ends. */
    CompletableFuture<@Nullable Void> down();
}
