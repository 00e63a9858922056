package io.p2pvpn.crawler.mapreduce;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.wire.proto.CoverageWire;
import io.p2pvpn.crawler.wire.proto.TaskStart;
import io.p2pvpn.crawler.wire.proto.TreeWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Orders as messages carry them. */
class TaskOrderFuzzTest {
    private static final OverlayId ONE = OverlayId.ZERO.plusFraction(1, 3);
    private static final OverlayId OTHER = OverlayId.ZERO.plusFraction(2, 3);

    private static TaskOrder order() {
        TreeMap<OverlayId, GapReason> passed = new TreeMap<>();
        passed.put(OTHER, GapReason.SILENT);
        return new TaskOrder(
                ONE,
                7,
                8,
                new Arc(ONE, OTHER),
                TreeWire.TREE_CLOCKWISE,
                3,
                "count",
                new byte[] {1, 2},
                5_000_000_000L,
                true,
                4096,
                passed);
    }

    private static TaskStart wire() {
        return order().toWire(ByteString.EMPTY);
    }

    @Test
    void fromWire_ofWhatWasWritten_isTheSame() {
        TaskOrder read = TaskOrder.fromWire(wire());
        assertThat(read).isNotNull();
        assertThat(read).usingRecursiveComparison().isEqualTo(order());
    }

    @Test
    void fromWire_valuesOutOfRange_isNull() {
        assertThat(TaskOrder.fromWire(wire().toBuilder().setHops(0).build())).isNull();
        assertThat(TaskOrder.fromWire(
                        wire().toBuilder().setHops(MapReduce.HOPS_MAX + 1).build()))
                .isNull();
        assertThat(TaskOrder.fromWire(wire().toBuilder().setLeftMillis(0).build()))
                .isNull();
        assertThat(TaskOrder.fromWire(wire().toBuilder().setLeftMillis(-1).build()))
                .isNull();
        assertThat(TaskOrder.fromWire(wire().toBuilder().setLeftMillis(600_001).build()))
                .isNull();
        assertThat(TaskOrder.fromWire(wire().toBuilder().setBytesMax(10).build()))
                .isNull();
        assertThat(TaskOrder.fromWire(
                        wire().toBuilder().setBytesMax(Integer.MAX_VALUE).build()))
                .isNull();
        assertThat(TaskOrder.fromWire(wire().toBuilder().setTask("a\nb").build()))
                .isNull();
        assertThat(TaskOrder.fromWire(wire().toBuilder().setTask("x".repeat(33)).build()))
                .isNull();
        assertThat(TaskOrder.fromWire(wire().toBuilder().setTreeValue(9).build()))
                .isNull();
        assertThat(TaskOrder.fromWire(
                        wire().toBuilder().setFrom(ByteString.EMPTY).build()))
                .isNull();
    }

    @FuzzTest
    void orders(byte[] bytes) {
        try {
            TaskOrder order = TaskOrder.fromWire(TaskStart.parseFrom(bytes));
            if (order != null) {
                assertThat(order.passed()).hasSizeLessThanOrEqualTo(TaskOrder.PASSED_MAX);
                assertThat(order.leftNanos()).isBetween(1L, TaskOptions.TIMEOUT_MAX_NANOS);
            }
        } catch (InvalidProtocolBufferException e) {
            // Refused.
        }
    }

    @FuzzTest
    void coverages(byte[] bytes) {
        try {
            Arc arc = new Arc(ONE, OTHER);
            Coverage coverage = CoverageSum.fromWire(CoverageWire.parseFrom(bytes), arc);
            if (coverage != null) {
                assertThat(coverage.gaps()).hasSizeLessThanOrEqualTo(CoverageSum.GAPS_MAX);
                assertThat(coverage.gaps()).allMatch(gap -> arc.contains(gap.arc()));
                assertThat(coverage.members()).isNotNegative();
            }
        } catch (InvalidProtocolBufferException e) {
            // Refused.
        }
    }

    @Test
    void coverages_ofMutatedMessages_doNoHarm() {
        Random random = new Random(1);
        CoverageSum sum = new CoverageSum();
        OverlayId between = ONE.plus(ONE.half());
        sum.member(between, 5);
        sum.gap(Gap.only(between, GapReason.LOST));
        sum.call(100, 10);
        byte[] whole = CoverageSum.toWire(sum.toCoverage(), new Arc(ONE, OTHER)).toByteArray();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            coverages(bytes);
        }
    }

    @Test
    void orders_ofMutatedMessages_doNoHarm() {
        Random random = new Random(1);
        byte[] whole = wire().toByteArray();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            orders(bytes);
        }
    }
}
