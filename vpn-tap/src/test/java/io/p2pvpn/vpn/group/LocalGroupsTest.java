package io.p2pvpn.vpn.group;

import static io.p2pvpn.vpn.group.GroupAddressTest.group;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LocalGroupsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final GroupAddress GROUP = group("239.1.2.3");

    private final LocalGroups groups = new LocalGroups();

    private boolean report(GroupAddress group, boolean wanted, long second) {
        return groups.onReport(new GroupReport(group, wanted), second * SECOND);
    }

    @Test
    void group_reported_isNewOnce() {
        assertThat(report(GROUP, true, 0)).isTrue();
        assertThat(report(GROUP, true, 1)).isFalse();
        assertThat(groups.contains(GROUP)).isTrue();
        assertThat(groups.contains(group("239.1.2.4"))).isFalse();
    }

    @Test
    void group_notReportedAnyMore_lapsesAfterTwoQuestions() {
        report(GROUP, true, 0);
        assertThat(groups.lapse(2 * LocalGroups.QUERY_SECONDS * SECOND)).isEmpty();
        assertThat(groups.lapse(131 * SECOND)).containsExactly(GROUP);
        assertThat(groups.contains(GROUP)).isFalse();
        assertThat(report(GROUP, true, 200)).isTrue();
    }

    @Test
    void group_leftByOneHost_staysIfAnotherSaysSo() {
        report(GROUP, true, 0);
        report(GROUP, false, 10);
        assertThat(groups.contains(GROUP)).isTrue();
        report(GROUP, true, 12);
        assertThat(groups.lapse(20 * SECOND)).isEmpty();

        report(GROUP, false, 30);
        assertThat(groups.lapse(37 * SECOND)).containsExactly(GROUP);
    }

    @Test
    void groups_thatAreNone_areNotTaken() {
        for (String address : new String[] {"10.0.0.1", "224.0.0.1", "255.255.255.255", "ff02::1:ff00:1", "fd00::1"}) {
            assertThat(report(group(address), true, 0)).isFalse();
            assertThat(groups.contains(group(address))).isFalse();
        }
    }

    @Test
    void groups_ofGreatNumber_areBounded() {
        int taken = 0;
        for (int i = 0; i < 1000; i++) {
            taken += report(GroupAddress.of4(0xef02_0000 + i), true, 0) ? 1 : 0;
        }
        assertThat(taken).isEqualTo(LocalGroups.GROUPS_MAX);
        assertThat(report(GroupAddress.of4(0xef02_0000), true, 1)).isFalse();
    }
}
