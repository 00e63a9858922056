package io.p2pvpn.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.HostUser;
import java.io.File;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("netns")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class DemoNetworkTest {
    private final DemoPlan plan =
            DemoPlan.of("p2pdtest-" + ProcessHandle.current().pid(), 2);

    @BeforeEach
    void needsRoot() {
        Assumptions.assumeTrue(HostUser.isRoot(), "needs root to make network namespaces");
    }

    @Test
    void create_thenClose_linksHostsAndLeavesNothing() throws Exception {
        DemoNetwork network = DemoNetwork.prepare(plan);
        try (network) {
            network.create();
            DemoPlan.Host from = plan.members().get(0);
            DemoPlan.Host to = plan.members().get(1);
            Tool.Result ping = Tool.attempt(
                    List.of("ip", "netns", "exec", from.netns(), "ping", "-n", "-c", "1", "-W", "2", to.address()));
            assertThat(PairPings.times(ping.output())).as(ping.output()).hasSize(1);
            assertThat(new TcpFigures(network).measure(from, to, to.address())).isGreaterThan(10);
            Process process = network.start(from, List.of("sleep", "600"), new File("/dev/null"));
            assertThat(process.isAlive()).isTrue();
            network.close();
            assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Tool.run(List.of("ip", "netns", "list"))).doesNotContain(plan.prefix());
        assertThat(network.directory()).doesNotExist();
        assertThatThrownBy(network::create).isInstanceOf(ControlException.class).hasMessage("stopped");
    }

    @Test
    void keep_itsScript_removesEverything() throws Exception {
        DemoNetwork network = DemoNetwork.prepare(plan);
        try (network) {
            network.create();
            Process process = network.start(plan.bootstrap(), List.of("sleep", "600"), new File("/dev/null"));
            String script = network.keep().toString();
            network.close();
            assertThat(process.isAlive()).isTrue();
            Tool.run(List.of("sh", script));
            assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Tool.run(List.of("ip", "netns", "list"))).doesNotContain(plan.prefix());
        assertThat(network.directory()).doesNotExist();
    }
}
