package io.p2pvpn.vpn.group;

import static io.p2pvpn.vpn.group.GroupAddressTest.group;
import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.group.GroupAudience.Plan;
import org.junit.jupiter.api.Test;

class GroupAudienceTest {
    private static final long SECOND = 1_000_000_000L;
    private static final GroupAddress GROUP = group("239.1.2.3");

    private final GroupAudience audience = new GroupAudience();

    private boolean report(int member, boolean wanted, long second) {
        return audience.onReport(new GroupReport(GROUP, wanted), member, second * SECOND);
    }

    @Test
    void packets_atFirst_goToAll_thenToThoseWhoReport() {
        for (int i = 0; i < GroupAudience.OPENING_PACKETS; i++) {
            assertThat(audience.plan(GROUP, 0)).isEqualTo(Plan.ALL);
        }
        assertThat(audience.plan(GROUP, SECOND / 4)).isEqualTo(Plan.LATER);
        assertThat(report(1, true, 0)).isTrue();
        assertThat(report(2, true, 0)).isTrue();
        assertThat(audience.plan(GROUP, SECOND)).isEqualTo(Plan.COPIES);
        assertThat(audience.members(GROUP)).containsExactly(1, 2);
        report(1, false, 3);
        assertThat(audience.members(GROUP)).containsExactly(2);
    }

    @Test
    void question_isDueEveryTenSeconds_andEarlierIfSomebodyWantsIt() {
        audience.plan(GROUP, 0);
        assertThat(audience.takeQuestion(GROUP, 2 * SECOND)).isTrue();
        assertThat(audience.takeQuestion(GROUP, 5 * SECOND)).isFalse();
        audience.hurry(GROUP, 6 * SECOND);
        assertThat(audience.takeQuestion(GROUP, 6 * SECOND)).isTrue();
        assertThat(audience.takeQuestion(GROUP, 15 * SECOND)).isFalse();
        assertThat(audience.takeQuestion(GROUP, 16 * SECOND)).isTrue();
    }

    @Test
    void member_thatReportsNoMore_lapses() {
        audience.plan(GROUP, 0);
        report(1, true, 0);
        audience.plan(GROUP, 59 * SECOND);
        assertThat(audience.members(GROUP)).containsExactly(1);
        audience.plan(GROUP, 60 * SECOND);
        assertThat(audience.members(GROUP)).isEmpty();
    }

    @Test
    void members_tooMany_getPacketsAsAllDo() {
        audience.plan(GROUP, 0);
        for (int i = 0; i < GroupAudience.MEMBERS_MAX + 5; i++) {
            report(i, true, 1);
        }
        assertThat(audience.plan(GROUP, 2 * SECOND)).isEqualTo(Plan.ALL);
        report(0, false, 3);
        assertThat(audience.plan(GROUP, 3 * SECOND)).isEqualTo(Plan.COPIES);
        assertThat(audience.members(GROUP)).hasSize(GroupAudience.MEMBERS_MAX - 1);
    }

    @Test
    void report_forAGroupThatNobodySendsTo_isNotKept() {
        assertThat(report(1, true, 0)).isFalse();
        audience.hurry(GROUP, 0);
        assertThat(audience.takeQuestion(GROUP, 0)).isFalse();
    }

    @Test
    void groups_ofGreatNumber_areBounded() {
        audience.plan(GROUP, 0);
        for (int i = 0; i < GroupAudience.GROUPS_MAX; i++) {
            audience.plan(GroupAddress.of4(0xef02_0000 + i), SECOND);
        }
        assertThat(report(1, true, 1)).isFalse();
    }
}
