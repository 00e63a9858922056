package io.p2pvpn.nat.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private static final String HEADING =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT";
    private static final String LAN = "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0";
    private static final String WIRED = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0";
    private static final String WIRELESS = "wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0";
    private static final String TUNNEL = "p2p0\t00000000\t0101800A\t0003\t0\t0\t1\t00000000\t0\t0\t0";
    private static final String POINT_TO_POINT = "ppp0\t00000000\t00000000\t0001\t0\t0\t1\t00000000\t0\t0\t0";

    @Test
    void defaultRoute_several_leastMetricOverARouter() {
        RouteTable.DefaultRoute route =
                RouteTable.defaultRoute(List.of(HEADING, POINT_TO_POINT, WIRELESS, LAN, WIRED), List.of());

        assertThat(route).isEqualTo(new RouteTable.DefaultRoute("eth0", 0xC0A80101));
    }

    @Test
    void defaultRoute_ownTunnel_leftOut() {
        assertThat(RouteTable.defaultRoute(List.of(HEADING, TUNNEL, WIRELESS), List.of("p2p0"))
                        .device())
                .isEqualTo("wlan0");
    }

    @Test
    void defaultRoute_noneOrNonsense_null() {
        assertThat(RouteTable.defaultRoute(List.of(HEADING, LAN, "", "eth0 x y z 0 0 0 0"), List.of()))
                .isNull();
    }
}
