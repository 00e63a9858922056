package io.p2pvpn.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.cli.demo.DemoReport.Member;
import io.p2pvpn.cli.demo.DemoReport.Ping;
import io.p2pvpn.vpn.control.ControlJson;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DemoTest {
    private static final List<Member> MEMBERS =
            List.of(new Member("node1", "10.1.0.1", "aa"), new Member("node2", "10.1.0.2", "bb"));

    @Test
    void plan_mostMembers_hasDistinctNamesThatFit() {
        DemoPlan plan = DemoPlan.of("p2pdemo-4194304", DemoPlan.MEMBERS_MAX);
        assertThat(plan.members()).hasSize(DemoPlan.MEMBERS_MAX);
        assertThat(new HashSet<>(plan.netnsNames())).hasSize(DemoPlan.MEMBERS_MAX + 2);
        assertThat(plan.hosts()).extracting(DemoPlan.Host::address).doesNotHaveDuplicates();
        assertThat(plan.hosts()).allSatisfy(host -> {
            assertThat(host.routerDevice()).hasSizeLessThanOrEqualTo(15);
            assertThat(host.netns()).startsWith("p2pdemo-4194304-");
        });
    }

    @Test
    void plan_commands_makeOneLinkForEachHost() {
        List<String> commands = DemoPlan.of("p", 2).createCommands().stream()
                .map(words -> String.join(" ", words))
                .toList();
        assertThat(commands)
                .startsWith("ip netns add p-router")
                .contains(
                        "ip link add name h0 netns p-router type veth peer name eth0 netns p-bootstrap",
                        "ip -n p-node2 addr add 198.18.2.2/30 dev eth0",
                        "ip -n p-node2 route add default via 198.18.2.1");
    }

    @Test
    void times_outputOfPing_areSorted() {
        String output = """
                64 bytes from 10.1.0.2: icmp_seq=1 ttl=64 time=2.31 ms
                64 bytes from 10.1.0.2: icmp_seq=2 ttl=64 time=0.402 ms
                64 bytes from 10.1.0.2: icmp_seq=3 ttl=64 time=11 ms

                rtt min/avg/max/mdev = 0.402/4.5/11/0.1 ms, time=x
                """;
        assertThat(PairPings.times(output)).containsExactly(0.402, 2.31, 11.0);
        assertThat(PairPings.times("connect: Network is unreachable")).isEmpty();
    }

    @Test
    void verdict_everythingAnswered_saysSo() {
        DemoReport report = report(List.of(ping("node1", "node2", 3), ping("node2", "node1", 3)));
        assertThat(report.allAnswered()).isTrue();
        assertThat(DemoText.of(report))
                .contains("It works: all 2 pings answered")
                .contains("0.40 ms direct")
                .contains("3.20 Gbit/s through the VPN, 950 Mbit/s over the bare link");
    }

    @Test
    void verdict_onePingLost_isFailure() {
        DemoReport lossy = report(List.of(ping("node1", "node2", 2), ping("node2", "node1", 3)));
        assertThat(lossy.allAnswered()).isFalse();
        assertThat(DemoText.of(lossy)).contains("LOST 1/3").contains("does NOT work: 1 of 2 pings");
        assertThat(report(List.of()).allAnswered()).isFalse();
    }

    @Test
    void json_fields_areThoseOfTheInterface() {
        String json = ControlJson.write(report(List.of(ping("node1", "node2", 3))));
        assertThat(json)
                .startsWith("{\"schema\":1,\"members\":[{\"name\":\"node1\",\"virtualIp\":\"10.1.0.1\",\"overlayId\":")
                .contains("\"pings\":[{\"from\":\"node1\",\"to\":\"node2\",\"address\":")
                .contains("\"rttMillis\":0.4,\"path\":\"direct\"}]")
                .contains("\"pingsAfterBootstrapGone\":[")
                .contains("\"tcp\":{\"vpnMbitPerSecond\":3200.0,\"bareMbitPerSecond\":950.0}")
                .endsWith("\"seconds\":12.5}");
    }

    private static DemoReport report(List<Ping> pings) {
        return new DemoReport(MEMBERS, pings, pings, new DemoReport.Tcp(3200, 950), 12.5);
    }

    private static Ping ping(String from, String to, int received) {
        return new Ping(from, to, "10.1.0.9", 3, received, 0.4, "direct");
    }
}
