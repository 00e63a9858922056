package io.p2pvpn.vpn.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FlowTableTest {
    private static final OverlayId MEMBER = OverlayId.ZERO;
    private static final int TCP = 4 << 8 | 6;
    private static final int UDP = 4 << 8 | 17;
    private static final long BY_RULES = 1;

    private final FlowTable table = new FlowTable();

    private void at(int seconds) {
        table.tick(TimeUnit.SECONDS.toNanos(seconds));
    }

    private boolean holds(int family, int ports) {
        return table.find(MEMBER, family, ports) != null;
    }

    @Test
    void flow_isFoundByAllItsMarks() {
        table.add(MEMBER, TCP, 7, Flow.OURS);
        assertThat(holds(TCP, 7)).isTrue();
        assertThat(holds(TCP, 8)).isFalse();
        assertThat(holds(UDP, 7)).isFalse();
        assertThat(holds(6 << 8 | 6, 7)).isFalse();
        byte[] other = new byte[OverlayId.BYTES];
        other[OverlayId.BYTES - 1] = 1;
        assertThat(table.find(OverlayId.of(other), TCP, 7)).isNull();
        table.clear();
        assertThat(holds(TCP, 7)).isFalse();
    }

    @Test
    void idleFlows_endAfterTheirTime_usedOnesDoNot() {
        at(-5);
        table.add(MEMBER, TCP, 1, Flow.OURS);
        table.add(MEMBER, UDP, 1, Flow.OURS);
        at(-5 + Flow.OTHER_IDLE_SECONDS_MAX);
        assertThat(holds(UDP, 1)).isTrue();
        at(-5 + Flow.OTHER_IDLE_SECONDS_MAX + 1);
        assertThat(holds(UDP, 1)).isFalse();
        at(-5 + Flow.TCP_IDLE_SECONDS_MAX);
        assertThat(holds(TCP, 1)).isTrue();
        at(-5 + Flow.TCP_IDLE_SECONDS_MAX + 1);
        assertThat(holds(TCP, 1)).isFalse();
        assertThat(table.size()).isZero();

        table.add(MEMBER, UDP, 1, Flow.OURS);
        assertThat(holds(UDP, 1)).isTrue();
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void flowsOfAMember_giveWayOldestFirst_andTheTableStaysBounded() {
        for (int i = 0; i < 3 * FlowTable.FLOWS_MAX; i++) {
            at(i * 100 / FlowTable.FLOWS_MAX);
            table.add(MEMBER, UDP, i, BY_RULES);
            assertThat(holds(UDP, i)).isTrue();
        }
        assertThat(table.size()).isBetween(FlowTable.FLOWS_MAX * 9 / 10, FlowTable.FLOWS_MAX);
        // Of the newest hundredth none had to go yet, whatever places the hash gave them.
        int newest = FlowTable.FLOWS_MAX / 100;
        for (int i = 3 * FlowTable.FLOWS_MAX - newest; i < 3 * FlowTable.FLOWS_MAX; i++) {
            assertThat(holds(UDP, i)).isTrue();
        }
    }

    @Test
    void floodOfAMember_leavesWhatWeBegan() {
        for (int i = 0; i < 10_000; i++) {
            table.add(MEMBER, UDP, i << 16, Flow.OURS);
        }
        at(100);
        long kept = table.size();
        for (int i = 0; i < 2 * FlowTable.FLOWS_MAX; i++) {
            table.add(MEMBER, UDP, i << 16 | 53, BY_RULES);
        }
        int ours = 0;
        for (int i = 0; i < 10_000; i++) {
            ours += holds(UDP, i << 16) ? 1 : 0;
        }
        assertThat(ours).isEqualTo((int) kept).isGreaterThan(9_900);
    }

    @Test
    void ours_takeThePlaceOfMembers_thenOfOurOldest() {
        for (int i = 0; i < 2 * FlowTable.FLOWS_MAX; i++) {
            table.add(MEMBER, UDP, i, BY_RULES);
        }
        at(10);
        table.add(MEMBER, UDP, -1, Flow.OURS);
        assertThat(holds(UDP, -1)).isTrue();
        for (int i = 0; i < 4 * FlowTable.FLOWS_MAX; i++) {
            table.add(MEMBER, TCP, i, Flow.OURS);
            assertThat(holds(TCP, i)).isTrue();
        }
        assertThat(table.size()).isLessThanOrEqualTo(FlowTable.FLOWS_MAX);
    }

    @Test
    void add_ofAKnownFlow_changesNothing() {
        table.add(MEMBER, UDP, 1, BY_RULES);
        table.add(MEMBER, UDP, 1, Flow.OURS);
        assertThat(table.size()).isEqualTo(1);
        Flow flow = table.find(MEMBER, UDP, 1);
        assertThat(flow)
                .isNotNull()
                .satisfies(known -> assertThat(known.letInBy()).isEqualTo(BY_RULES));
    }
}
