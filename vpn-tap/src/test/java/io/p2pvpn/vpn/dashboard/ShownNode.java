package io.p2pvpn.vpn.dashboard;

import io.p2pvpn.vpn.control.FakeBackend;
import io.p2pvpn.vpn.control.MembersReport;
import io.p2pvpn.vpn.control.MembersReport.Member;
import io.p2pvpn.vpn.control.MembersRequest;
import io.p2pvpn.vpn.control.PeersReport;
import io.p2pvpn.vpn.control.PeersReport.PathStatus;
import io.p2pvpn.vpn.control.PeersReport.Peer;
import io.p2pvpn.vpn.control.PlacesReport;
import io.p2pvpn.vpn.control.PlacesReport.Place;
import io.p2pvpn.vpn.control.RequestsReport;
import io.p2pvpn.vpn.control.StatusReport;
import io.p2pvpn.vpn.control.StatusReport.EndpointStatus;
import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.NamespaceState;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NatStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import io.p2pvpn.vpn.control.StatusReport.RingStatus;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** An administrator's node with peers of all kinds, from a seed: what the page has to show at its fullest. */
final class ShownNode extends FakeBackend {
    static final String HOSTILE = "<img src=x onerror=alert(1)>";

    private static final List<String> NAMES = List.of(
            "amsterdam",
            "berlin",
            "build-01",
            "build-02",
            "cairo",
            "db1",
            "frankfurt",
            "laptop-ann",
            "laptop-bob",
            "lisbon",
            "london",
            "nairobi",
            "oslo",
            "paris",
            HOSTILE,
            "tokyo",
            "warsaw");
    private static final int SPREAD_MILLIS = 60;

    private final List<Peer> peers = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final String own = id(new Random(99));
    private long sent;
    private long received;
    private int second;

    ShownNode() {
        Random random = new Random(5);
        members.add(new Member(own, "gateway", "10.87.0.1", "admin", true, "2026-12-30T12:00:00Z"));
        for (int i = 0; i < NAMES.size(); i++) {
            String id = id(random);
            double[] at = {random.nextGaussian() * SPREAD_MILLIS, random.nextGaussian() * SPREAD_MILLIS, 4};
            double height = 0.5 + random.nextDouble() * 4;
            double trip = Math.hypot(at[0], at[1]) + height + 1;
            peers.add(peer(id, i, trip));
            places.add(new Place(id, "lab", List.of(at[0], at[1], at[2]), height, 0.1));
            members.add(new Member(
                    id,
                    NAMES.get(i),
                    "10.87.0." + (i + 2),
                    i == 5 ? "admin" : "member",
                    i != 6,
                    "2026-12-30T12:00:00Z"));
        }
        for (int i = 0; i < 3; i++) {
            peers.add(new Peer(
                    id(random),
                    null,
                    null,
                    null,
                    List.of(i == 0 ? "bootstrap" : "near"),
                    400,
                    90_000,
                    80_000,
                    "direct",
                    List.of(path("udp", "udp://203.0.113." + (10 + i) + ":4001", null, 12.5 + i))));
        }
    }

    private static String id(Random random) {
        StringBuilder id = new StringBuilder();
        while (id.length() < 40) {
            id.append(String.format(Locale.ROOT, "%08x", random.nextInt()));
        }
        return id.toString();
    }

    private static PathStatus path(String kind, String remote, String via, double rttMillis) {
        return new PathStatus(kind, remote, via, true, rttMillis, 0.001, 1420);
    }

    private Peer peer(String id, int i, double trip) {
        String remote = "198.51.100." + (20 + i) + ":" + (40_000 + i);
        List<String> purposes = List.of(i < 8 ? "near" : i < 12 ? "far" : "chota");
        String relay = peers.isEmpty() ? id : peers.get(0).overlayId();
        PathStatus path = i % 6 == 4
                ? path("relay", "udp://" + remote, relay, trip * 1.6)
                : i == 9 ? path("tcp", "tcp://" + remote, null, trip) : path("udp", "udp://" + remote, null, trip);
        String reason = i % 6 == 4
                ? "relay via amsterdam: both NATs draw a new port for each destination"
                : i == 9 ? "direct over TCP: UDP is blocked at lisbon" : "direct";
        return new Peer(
                id,
                NAMES.get(i),
                "lab",
                "10.87.0." + (i + 2),
                purposes,
                60 + i,
                1_000_000L * i,
                2_500_000L * i,
                reason,
                List.of(path));
    }

    @Override
    public synchronized StatusReport status() {
        List<String> ids = peers.stream()
                .filter(each -> each.namespace() != null)
                .map(Peer::overlayId)
                .toList();
        return new StatusReport(
                "0.1.0",
                id(new Random(7)),
                NodeState.ONLINE,
                93_784,
                List.of(
                        new EndpointStatus("udp://192.168.1.20:40000", "local"),
                        new EndpointStatus("udp://203.0.113.77:51820", "observed")),
                new NatStatus("endpoint-independent", "address-and-port-dependent", false, "none", true),
                new RingStatus(57, ids.subList(0, 4), ids.subList(4, 8)),
                List.of(new NamespaceStatus(
                        "lab",
                        "ab".repeat(20),
                        own,
                        NamespaceState.JOINED,
                        "admin",
                        "10.87.0.1",
                        List.of("10.87.0.1/16", "fd12:3456:789a::1/64"),
                        "p2p0",
                        1420,
                        new RingStatus(18, ids.subList(0, 4), ids.subList(4, 8)),
                        "lab.p2pvpn.internal",
                        "resolved",
                        null,
                        "2026-12-30T12:00:00Z",
                        null)),
                List.of(
                        new Health(
                                "route-conflict",
                                Severity.WARNING,
                                "10.87.0.0/16 is also routed over eth1: leave that network, or join with another"
                                        + " --cidr"),
                        new Health(
                                "route-conflict", Severity.WARNING, "fd12:3456:789a::/64 is also routed over eth1")));
    }

    @Override
    public synchronized PeersReport peers() {
        second++;
        sent += (long) (900_000 * (1.4 + Math.sin(second / 17.0)) + second % 7 * 90_000);
        received += (long) (2_600_000 * (1.3 + Math.cos(second / 23.0)) + second % 5 * 160_000);
        return new PeersReport(List.copyOf(peers));
    }

    @Override
    public synchronized PlacesReport places() {
        return new PlacesReport(new Place(own, null, List.of(3.0, -2.0, 4.0), 1.0, 0.1), List.copyOf(places));
    }

    @Override
    public synchronized Map<String, Long> counters() {
        return Map.of("data.sent.bytes", sent, "data.received.bytes", received);
    }

    @Override
    public CompletableFuture<MembersReport> members(MembersRequest request) {
        return CompletableFuture.completedFuture(new MembersReport("lab", List.copyOf(members)));
    }

    @Override
    public CompletableFuture<RequestsReport> requests() {
        return CompletableFuture.completedFuture(new RequestsReport(
                List.of(new RequestsReport.Request(id(new Random(3)), "new-laptop", "lab", "7Q2M-K4TD-9XWB", 48))));
    }
}
