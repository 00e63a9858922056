package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.PeersReport;
import io.p2pvpn.vpn.control.PeersReport.PathStatus;
import io.p2pvpn.vpn.control.PeersReport.Peer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows whom the node talks to and how. */
@Command(
        name = "peers",
        description = "Show whom this node talks to and over which paths.",
        footer = {"  p2pvpn peers", "  p2pvpn peers --json | jq '.peers[] | select(.namespace == \"lab\")'"})
final class PeersCommand implements Callable<Integer> {
    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    PeersCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        PeersReport peers = socket.client().peers();
        environment.out().print(json ? ControlJson.writePretty(peers) : text(peers));
        return 0;
    }

    static String text(PeersReport report) {
        if (report.peers().isEmpty()) {
            return "no peers yet\n";
        }
        Table table =
                new Table("", "ADDRESS", "NAME", "ID", "NAMESPACE", "FOR", "PATH", "RTT", "SENT", "RECEIVED", "REMARK");
        for (Peer peer : report.peers()) {
            PathStatus path = active(peer);
            table.row(
                    Words.orDash(peer.virtualIp()),
                    Words.orDash(peer.name()),
                    Words.id(peer.overlayId()),
                    Words.orDash(peer.namespace()),
                    Words.orDash(String.join(",", peer.purposes())),
                    path == null ? "-" : path(path),
                    path == null ? "-" : Words.millis(path.rttMillis()),
                    Words.bytes(peer.sentBytes()),
                    Words.bytes(peer.receivedBytes()),
                    peer.reason() == null ? "" : peer.reason());
        }
        return table.toString();
    }

    private static @Nullable PathStatus active(Peer peer) {
        for (PathStatus path : peer.paths()) {
            if (path.active()) {
                return path;
            }
        }
        return null;
    }

    private static String path(PathStatus path) {
        if (path.via() != null) {
            return path.kind() + " via " + Words.id(path.via());
        }
        return path.remote() == null ? path.kind() : path.remote();
    }
}
