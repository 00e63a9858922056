package io.p2pvpn.vpn.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.rules.Gates;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ForwardingTableTest {
    private final FakeTunnel tunnel = new FakeTunnel();

    @Test
    void putRemoveGet_randomly_asTreeMap() {
        long seed = Long.getLong("test.seed", 17L);
        System.out.println("test.seed=" + seed);
        Random random = new Random(seed);
        for (int range : new int[] {8, 300, 70_000}) {
            ForwardingTable table = new ForwardingTable();
            TreeMap<Integer, MemberRoute> oracle = new TreeMap<>();
            for (int i = 0; i < 30_000; i++) {
                int key = random.nextInt(range) * (random.nextBoolean() ? 1 : 1 << 16);
                if (random.nextInt(5) < 3) {
                    MemberRoute route = new MemberRoute(tunnel, key, i, Gates.open());
                    assertThat(table.put(route)).isTrue();
                    oracle.put(key, route);
                } else {
                    assertThat(table.remove(key)).isEqualTo(oracle.remove(key));
                }
                int other = random.nextInt(range);
                assertThat(table.get(other)).isEqualTo(oracle.get(other));
                assertThat(table.size()).isEqualTo(oracle.size());
            }
            oracle.forEach((key, route) -> assertThat(table.get(key)).isEqualTo(route));
        }
    }

    @Test
    void put_full_refusesNewTakesReplacement() {
        ForwardingTable table = new ForwardingTable();
        for (int i = 0; i < ForwardingTable.ROUTES_MAX; i++) {
            assertThat(table.put(new MemberRoute(tunnel, i, 0, Gates.open()))).isTrue();
        }
        assertThat(table.put(new MemberRoute(tunnel, -1, 0, Gates.open()))).isFalse();
        MemberRoute other = new MemberRoute(tunnel, 5, 9, Gates.open());
        assertThat(table.put(other)).isTrue();
        assertThat(table.get(5)).isEqualTo(other);
        assertThat(table.get(-1)).isNull();
    }
}
