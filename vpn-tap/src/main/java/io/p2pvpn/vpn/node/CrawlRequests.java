package io.p2pvpn.vpn.node;

import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.crawler.CrawlOptions.By;
import io.p2pvpn.crawler.CrawlOptions.Method;
import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.crawler.Finding;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.CrawlRequest;
import io.p2pvpn.vpn.control.CrawlResult;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Crawls for people. Confined to the node's loop. */
final class CrawlRequests {
    /** Rings that change repair themselves within that time; what lasts longer is a fault. */
    private static final long PAUSE_NANOS = 15_000_000_000L;
    /** Who should be there is asked for meanwhile, but not waited for longer. */
    private static final long GATHER_NANOS = 1_500_000_000L;

    private static final long MILLI_NANOS = 1_000_000L;

    private final NodeDaemon daemon;
    private final MembershipSteps steps;

    CrawlRequests(NodeDaemon daemon) {
        this.daemon = daemon;
        this.steps = new MembershipSteps(daemon);
    }

    CompletableFuture<CrawlResult> run(CrawlRequest request) {
        if (request.publicRing() && request.namespace() != null) {
            return CompletableFuture.failedFuture(
                    new ControlException(Kind.WRONG_USAGE, "say a namespace or the public ring, not both"));
        }
        boolean isPublic = request.publicRing()
                || (request.namespace() == null && daemon.memberships().isEmpty());
        if (!isPublic) {
            return steps.with(request.namespace(), membership -> {
                Ring ring = membership.ring();
                if (ring == null || !ring.isJoined()) {
                    throw notYet("of " + membership.options().name());
                }
                return crawl(
                        request,
                        ring,
                        membership.options().name(),
                        membership.administration().gathered());
            });
        }
        try {
            Ring ring = daemon.node().publicRing();
            if (!ring.isJoined()) {
                throw notYet("of the public ring");
            }
            return crawl(request, ring, null, CompletableFuture.completedFuture(new TreeSet<>()))
                    .exceptionallyCompose(failure -> CompletableFuture.failedFuture(explained(failure)));
        } catch (ControlException refused) {
            return CompletableFuture.failedFuture(refused);
        } catch (IllegalArgumentException wrong) {
            return CompletableFuture.failedFuture(
                    new ControlException(Kind.WRONG_USAGE, String.valueOf(wrong.getMessage()), wrong));
        }
    }

    private static ControlException notYet(String where) {
        return new ControlException(
                Kind.NOT_PERMITTED, "this node is not a member " + where + " yet: see p2pvpn status");
    }

    private static Throwable explained(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof ControlException
                ? cause
                : new ControlException(Kind.FAILED, cause.getMessage() + ": try again in a moment", cause);
    }

    private CompletableFuture<CrawlResult> crawl(
            CrawlRequest request, Ring ring, @Nullable String namespace, CompletableFuture<Set<OverlayId>> gathered) {
        CrawlOptions options = options(request);
        TreeSet<OverlayId> known = new TreeSet<>();
        ring.peers().stream().filter(RingPeer::isEdge).map(RingPeer::id).forEach(known::add);
        CompletableFuture<Void> asked =
                Completions.atMost(daemon.runtime().timers(), GATHER_NANOS, gathered.thenAccept(known::addAll));
        return daemon.crawler()
                .crawl(TaskRing.of(daemon.node(), ring), options.known(known))
                .thenCombine(asked, (report, done) -> report.comparedWith(known))
                .thenCompose(report -> explain(request, ring, report)
                        .thenApply(findings -> CrawlResults.of(namespace, report, findings)));
    }

    private CompletableFuture<List<Finding>> explain(CrawlRequest request, Ring ring, CrawlReport report) {
        return request.why()
                ? daemon.crawler()
                        .investigate(
                                TaskRing.of(daemon.node(), ring),
                                report.consistency().faults(),
                                PAUSE_NANOS)
                : CompletableFuture.completedFuture(List.of());
    }

    private static CrawlOptions options(CrawlRequest request) {
        Method method = request.method() == null ? Method.MAPREDUCE : one(Method.values(), request.method(), "method");
        By by = request.by() == null ? By.LISTS : one(By.values(), request.by(), "by");
        String lagging = request.lagging() == null ? "partial" : request.lagging();
        if (!lagging.equals("partial") && !lagging.equals("wait")) {
            throw new IllegalArgumentException("lagging is wait or partial");
        }
        if (method == Method.SEQUENTIAL && (by == By.LOCAL || request.bothWays())) {
            throw new IllegalArgumentException("a sequential crawl brings lists, one way round");
        }
        if (request.pruned() && (method == Method.SEQUENTIAL || by == By.LOCAL)) {
            throw new IllegalArgumentException("what is pruned are the lists of a tree");
        }
        long millis = request.timeoutMillis() == 0 ? CrawlRequest.USUAL_MILLIS : request.timeoutMillis();
        return CrawlOptions.usual(millis * MILLI_NANOS)
                .with(method, by)
                .waiting(lagging.equals("wait"))
                .bothWays(request.bothWays())
                .pruned(request.pruned());
    }

    private static <T extends Enum<T>> T one(T[] values, String word, String what) {
        for (T each : values) {
            if (CrawlResults.word(each).equals(word)) {
                return each;
            }
        }
        throw new IllegalArgumentException("'" + word + "' is no " + what + " of a crawl");
    }
}
