package io.p2pvpn.crawler.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.p2pvpn.crawler.mapreduce.ChildAnswer;
import io.p2pvpn.crawler.mapreduce.MapReduceTask;
import io.p2pvpn.crawler.mapreduce.MapReduceTask.Reduced;
import io.p2pvpn.crawler.wire.proto.HistogramBucket;
import io.p2pvpn.crawler.wire.proto.HistogramValue;
import io.p2pvpn.crawler.wire.proto.LocalSums;
import io.p2pvpn.crawler.wire.proto.NodeReportList;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.Contacts;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any bytes of a child are an answer within bounds, or refused. {@code lab/fuzz} looks further. */
class TaskFuzzTest {
    private static final int MUTATIONS = 20_000;
    private static final OverlayId ID = OverlayId.ZERO.plusFraction(1, 3);

    private final List<MapReduceTask> tasks = List.of(
            new NeighbourListsTask(new NoView()),
            new CountTask(),
            HistogramTask.ofAny(),
            HistogramTask.ofLogLevel(),
            new TopTask());

    @FuzzTest
    void answers(byte[] bytes) {
        ChildAnswer answer = Answers.of(Arc.whole(OverlayId.ZERO), bytes);
        for (MapReduceTask task : tasks) {
            byte[] argument = task instanceof TopTask ? TopTask.argument("links", 5) : new byte[0];
            Reduced once = task.reduce(argument, new byte[0], answer);
            if (once != null) {
                assertThat(once.value().length).isLessThanOrEqualTo(2 * bytes.length + 64);
                // What was taken once can be taken further, unless there would be too many.
                Reduced twice = task.reduce(argument, once.value(), answer);
                assertThat(twice != null || bytes.length >= 4).isTrue();
            }
        }
        ChildAnswer pruned = Answers.of(Arc.whole(OverlayId.ZERO), bytes);
        Reduced list = tasks.get(0).reduce(NeighbourListsTask.prune(), new byte[0], pruned);
        if (list != null) {
            assertThat(NeighbourListsTask.consistency(list.value()).value()).isBetween(0.0, 1.0);
        }
        Reduced sums = LocalConsistencyTask.reduced(new byte[0], answer);
        if (sums != null) {
            assertThat(LocalConsistencyTask.consistency(sums.value()).value()).isBetween(0.0, 1.0);
            List<OverlayId> members = LocalConsistencyTask.members(sums.value());
            assertThat(members == null ? 0 : members.size()).isLessThanOrEqualTo(LocalConsistencyTask.IDS_MAX);
        }
        Acquaintance acquaintance = Acquaintance.decode(bytes);
        if (acquaintance != null) {
            assertThat(acquaintance.nat()).hasSizeLessThanOrEqualTo(40);
        }
        var unused = NearCalls.predecessors(bytes);
    }

    @Test
    void answers_ofMutatedOnes_doNoHarm() {
        Random random = new Random(1);
        NodeReport report = NodeReport.of(ID, List.of(ID, ID), List.of(ID));
        byte[][] whole = {
            NodeReportList.newBuilder()
                    .addNodes(report.toWire())
                    .addNodes(report.toWire())
                    .build()
                    .toByteArray(),
            HistogramValue.newBuilder()
                    .addBuckets(HistogramBucket.newBuilder().setLabel("a").setCount(3))
                    .build()
                    .toByteArray(),
            LocalSums.newBuilder()
                    .setMembers(1)
                    .setLeft1(1)
                    .setIds(Contacts.bytes(ID))
                    .build()
                    .toByteArray(),
        };
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = whole[i % whole.length].clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            answers(bytes);
        }
    }
}
