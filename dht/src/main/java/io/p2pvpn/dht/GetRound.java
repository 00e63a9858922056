package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One look-up: eight positions asked, the answers merged, and what was found missing put back in the background. */
final class GetRound {
    private final DhtContext context;
    private final Replicas replicas;
    private final CallPacer pacer;
    private final GetOptions options;
    private final Consumer<DhtRecord> first;
    private final MergedAnswers merged = new MergedAnswers();
    private final CompletableFuture<GetResult> result = new CompletableFuture<>();
    private final OverlayId key;
    private List<OverlayId> silent = new ArrayList<>();
    private int roundsLeft;
    private int awaited;
    private boolean graceRuns;
    private int way;

    private GetRound(
            DhtContext context,
            Replicas replicas,
            CallPacer pacer,
            OverlayId key,
            GetOptions options,
            Consumer<DhtRecord> first) {
        this.context = context;
        this.replicas = replicas;
        this.pacer = pacer;
        this.key = key;
        this.options = options;
        this.first = first;
    }

    /**
     * Asks; the result never completes exceptionally, see {@link GetResult#conclusive}. Where much hangs on absence, it
     * is believed only when a second look by other ways finds nothing either: members on the way can answer in the
     * place of those who are asked, and one record that is found outweighs all who say that there is none.
     *
     * @param first hears of the first record that anybody names, which a majority may not confirm
     * @param rounds how often positions that do not answer are asked, until a majority has answered
     */
    static CompletableFuture<GetResult> start(
            DhtContext context,
            Replicas replicas,
            CallPacer pacer,
            OverlayId key,
            GetOptions options,
            Consumer<DhtRecord> first,
            int rounds) {
        CompletableFuture<GetResult> once = new GetRound(context, replicas, pacer, key, options, first).start(rounds);
        if (!options.signedAnswers()) {
            return once;
        }
        return once.thenCompose(found -> {
            if (!found.majorityAbsent() || !context.isServing()) {
                return CompletableFuture.completedFuture(found);
            }
            GetRound second = new GetRound(context, replicas, pacer, key, options, first);
            second.way = 1;
            return second.start(rounds);
        });
    }

    private CompletableFuture<GetResult> start(int rounds) {
        roundsLeft = rounds;
        List<OverlayId> positions = DhtKeys.positions(key);
        ask(options.one() ? List.of(positions.get(context.random().nextInt(positions.size()))) : positions);
        return result;
    }

    private void ask(List<OverlayId> positions) {
        roundsLeft--;
        awaited = positions.size();
        silent = new ArrayList<>();
        ByteString nonce = nonce();
        for (OverlayId position : positions) {
            DhtContext.then(replicas.get(position, key, nonce, way), answer -> settle(position, answer));
        }
    }

    private void askAgain() {
        if (context.isServing()) {
            way++;
            ask(silent);
        } else {
            finish();
        }
    }

    private ByteString nonce() {
        if (!options.signedAnswers()) {
            return ByteString.EMPTY;
        }
        byte[] nonce = new byte[DhtLimits.NONCE_BYTES];
        context.keys().fill(nonce);
        return ByteString.copyFrom(nonce);
    }

    private void settle(OverlayId position, Replicas.@Nullable Answer answer) {
        awaited--;
        if (answer != null) {
            boolean foundBefore = !merged.visible().isEmpty();
            merged.add(position, answer);
            if (!foundBefore && !merged.visible().isEmpty() && !result.isDone()) {
                first.accept(merged.visible().get(0));
            }
        } else {
            silent.add(position);
        }
        boolean all = awaited == 0;
        boolean enough = merged.answered() >= (options.one() ? 1 : DhtLimits.MAJORITY);
        boolean found = !merged.visible().isEmpty();
        if (all && !enough && roundsLeft > 0 && !result.isDone()) {
            context.after(DhtLimits.AGAIN_MILLIS, this::askAgain);
            return;
        }
        if (all || (found && (enough || options.first()))) {
            finish();
        } else if (enough && !graceRuns) {
            // Five that know nothing are a majority; the other three may be all that churn has left.
            graceRuns = true;
            context.after(DhtLimits.ABSENT_GRACE_MILLIS, this::finish);
        }
        if (all) {
            repair();
        }
    }

    private void finish() {
        if (result.isDone()) {
            return;
        }
        List<DhtRecord> records = merged.visible();
        boolean majority = merged.answered() >= DhtLimits.MAJORITY;
        context.counter(records.isEmpty() ? "dht.get.absent" : "dht.get.found").increment();
        result.complete(
                new GetResult(records, merged.answered(), merged.signers(), majority && records.isEmpty(), majority));
    }

    private void repair() {
        int repairs = 0;
        for (MergedAnswers.Hole hole : merged.holes()) {
            Replicas.Copy copy = hole.copy();
            long remainingMillis = copy.remainingMillis() - DhtLimits.TRANSFER_MILLIS;
            if (remainingMillis > 0 && repairs < DhtLimits.REPAIRS_PER_GET_MAX) {
                repairs++;
                context.counter("dht.repair.sent").increment();
                pacer.offer(() -> replicas.put(hole.position(), copy.record(), remainingMillis));
            }
        }
    }
}
