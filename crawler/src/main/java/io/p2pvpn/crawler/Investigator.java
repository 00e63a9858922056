package io.p2pvpn.crawler;

import io.p2pvpn.crawler.Finding.Cause;
import io.p2pvpn.crawler.RingQuestions.Told;
import io.p2pvpn.crawler.task.Acquaintance;
import io.p2pvpn.crawler.task.Consistency;
import io.p2pvpn.crawler.task.Inconsistency;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks those that do not agree once more after a pause, and, where that has not changed, both ends of each link that is
 * missing what they know of each other. Confined to the node's loop.
 */
final class Investigator {
    /** Checks that are looked into; more are a ring that has not come together, and not so many faults. */
    static final int FAULTS_MAX = 64;

    private static final long PATIENCE_NANOS = 6_000_000_000L;

    /** A link that should be there. */
    private record Pair(OverlayId one, OverlayId other) implements Comparable<Pair> {
        static Pair of(OverlayId one, OverlayId other) {
            return one.compareTo(other) < 0 ? new Pair(one, other) : new Pair(other, one);
        }

        @Override
        public int compareTo(Pair pair) {
            int first = one.compareTo(pair.one);
            return first != 0 ? first : other.compareTo(pair.other);
        }
    }

    private final NodeRuntime runtime;
    private final List<Inconsistency> faults;
    private final long pauseNanos;
    private final RingQuestions questions;
    private final SortedMap<OverlayId, NodeReport> reports = new TreeMap<>();
    private final TreeSet<OverlayId> silent = new TreeSet<>();

    Investigator(NodeRuntime runtime, RingService ring, List<Inconsistency> faults, long pauseNanos) {
        this.runtime = runtime;
        this.faults = faults.subList(0, Math.min(FAULTS_MAX, faults.size()));
        this.pauseNanos = pauseNanos;
        this.questions = new RingQuestions(runtime, ring);
    }

    CompletableFuture<List<Finding>> start() {
        CompletableFuture<List<Finding>> found = new CompletableFuture<>();
        if (faults.isEmpty()) {
            found.complete(List.of());
            return found;
        }
        runtime.timers()
                .schedule(
                        pauseNanos,
                        () -> Completions.whenDone(
                                runtime.timers(), lookAgain().thenCompose(done -> judge()), (findings, failure) -> {
                                    if (failure == null) {
                                        found.complete(findings);
                                    } else {
                                        found.completeExceptionally(failure);
                                    }
                                }));
        return found;
    }

    // ---------------------------------------------------------------------- once more

    private CompletableFuture<?> lookAgain() {
        TreeSet<OverlayId> asked = new TreeSet<>();
        for (Inconsistency fault : faults) {
            asked.add(fault.node());
            addIfThere(asked, fault.expected());
        }
        return all(asked.stream().map(this::look).toList());
    }

    private static void addIfThere(Set<OverlayId> asked, @Nullable OverlayId member) {
        if (member != null) {
            asked.add(member);
        }
    }

    private CompletableFuture<?> look(OverlayId member) {
        return questions.look(member, PATIENCE_NANOS).thenAccept((Told<NodeReport> told) -> {
            NodeReport report = told.value();
            if (report == null) {
                silent.add(member);
            } else {
                reports.put(member, report);
            }
        });
    }

    private static CompletableFuture<?> all(List<? extends CompletableFuture<?>> futures) {
        return CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]));
    }

    // -------------------------------------------------------------------- what is missing

    private CompletableFuture<List<Finding>> judge() {
        TreeSet<Pair> pairs = new TreeSet<>();
        for (Inconsistency fault : faults) {
            NodeReport report = reports.get(fault.node());
            OverlayId expected = fault.expected();
            if (report == null || expected == null) {
                // Whoever was there a moment ago and is silent now has left, or is found by its neighbours' faults.
                continue;
            }
            boolean same = expected.equals(neighbour(report, fault.side()));
            NodeReport other = reports.get(expected);
            if (!same) {
                continue;
            }
            if (other == null) {
                pairs.add(Pair.of(report.id(), expected));
            } else if (Consistency.of(List.of(report, other)).faults().stream()
                    .anyMatch(each -> each.node().equals(report.id())
                            && each.side() == fault.side()
                            && expected.equals(each.expected()))) {
                missing(report, other, pairs);
            }
        }
        List<CompletableFuture<@Nullable Finding>> open =
                pairs.stream().map(this::judge).toList();
        return all(open).thenApply(done -> {
            List<Finding> findings = new ArrayList<>();
            for (CompletableFuture<@Nullable Finding> each : open) {
                Finding finding = each.join();
                if (finding != null) {
                    findings.add(finding);
                }
            }
            return findings;
        });
    }

    private static @Nullable OverlayId neighbour(NodeReport report, int side) {
        List<OverlayId> successors = report.successors();
        return successors.isEmpty() ? null : successors.get(Math.min(side, successors.size()) - 1);
    }

    /** Those that only one of two members knows between them, or else each other. */
    private static void missing(NodeReport before, NodeReport behind, Set<Pair> pairs) {
        List<OverlayId> named = new ArrayList<>(before.successors());
        List<OverlayId> namedBack = new ArrayList<>(behind.predecessors());
        named.removeIf(each -> !each.isBetween(before.id(), behind.id()));
        namedBack.removeIf(each -> !each.isBetween(before.id(), behind.id()));
        List<Pair> between = new ArrayList<>();
        for (OverlayId each : namedBack) {
            if (!named.contains(each)) {
                between.add(Pair.of(before.id(), each));
            }
        }
        for (OverlayId each : named) {
            if (!namedBack.contains(each)) {
                between.add(Pair.of(behind.id(), each));
            }
        }
        if (between.isEmpty()) {
            pairs.add(Pair.of(before.id(), behind.id()));
        } else {
            pairs.addAll(between);
        }
    }

    // ------------------------------------------------------------------------------ why

    private CompletableFuture<@Nullable Finding> judge(Pair pair) {
        CompletableFuture<@Nullable Acquaintance> one = ask(pair.one(), pair.other());
        CompletableFuture<@Nullable Acquaintance> other = ask(pair.other(), pair.one());
        return one.thenCombine(other, (ofOther, ofOne) -> judge(pair.one(), pair.other(), ofOther, ofOne));
    }

    private CompletableFuture<@Nullable Acquaintance> ask(OverlayId member, OverlayId about) {
        return silent.contains(member)
                ? CompletableFuture.completedFuture(null)
                : questions.about(member, about, PATIENCE_NANOS);
    }

    private static @Nullable Finding judge(
            OverlayId one, OverlayId other, @Nullable Acquaintance ofOther, @Nullable Acquaintance ofOne) {
        if (ofOther == null && ofOne == null) {
            return null;
        }
        if (ofOther == null || ofOne == null) {
            return ofOther == null ? gone(one, other) : gone(other, one);
        }
        // Whoever lost a session remembers whom it was with: one that does not know has never heard.
        if (!ofOther.known() || !ofOne.known()) {
            return ofOther.known() ? unheard(other, one, true) : unheard(one, other, ofOne.known());
        }
        if (ofOther.near() != ofOne.near() && !(ofOther.near() ? ofOne : ofOther).session()) {
            return ofOther.near() ? stale(one, other) : stale(other, one);
        }
        if ((ofOther.session() && !ofOther.linked()) || (ofOne.session() && !ofOne.linked())) {
            return finding(
                    Cause.NAT,
                    one,
                    other,
                    "have a session that goes over the ring only: no direct path, and no relay" + nat(ofOther, ofOne)
                            + "; let UDP through at one of them, or have a member relay");
        }
        if (!ofOther.session() && !ofOne.session()) {
            return finding(
                    Cause.HANDSHAKE,
                    one,
                    other,
                    "know of each other" + (ofOther.dialing() || ofOne.dialing() ? " and are calling" : "")
                            + ", but no handshake ends: see whether a firewall or a wrong clock is in the way");
        }
        return finding(Cause.UNSETTLED, one, other, "are linked, and do not agree yet who is beside whom");
    }

    private static String nat(Acquaintance one, Acquaintance other) {
        return one.nat().isEmpty() && other.nat().isEmpty()
                ? ""
                : " (mapping: " + orUnknown(one.nat()) + ", " + orUnknown(other.nat()) + ")";
    }

    private static String orUnknown(String word) {
        return word.isEmpty() ? "unknown" : word;
    }

    private static Finding gone(OverlayId silentOne, OverlayId other) {
        return new Finding(
                Cause.CRASH,
                silentOne,
                other,
                silentOne.toShortString() + " does not answer, and " + other.toShortString()
                        + " still names it: it has crashed, hangs, or is cut off");
    }

    private static Finding stale(OverlayId holder, OverlayId other) {
        return new Finding(
                Cause.STALE,
                holder,
                other,
                holder.toShortString() + " names " + other.toShortString()
                        + ", which has no session with it: a stale entry; a restart of the former clears it");
    }

    private static Finding unheard(OverlayId deaf, OverlayId other, boolean known) {
        return new Finding(
                Cause.UNHEARD,
                deaf,
                other,
                deaf.toShortString() + " has not heard of " + other.toShortString()
                        + (known ? ", which knows of it" : ", nor the other way round")
                        + ": the members between them have not named it, or the ring is split");
    }

    private static Finding finding(Cause cause, OverlayId one, OverlayId other, String what) {
        return new Finding(cause, one, other, one.toShortString() + " and " + other.toShortString() + " " + what);
    }
}
