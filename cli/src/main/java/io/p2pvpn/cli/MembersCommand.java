package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.MembersReport;
import io.p2pvpn.vpn.control.MembersRequest;
import io.p2pvpn.vpn.option.NamespaceName;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows who is a member. */
@Command(
        name = "members",
        description = {
            "Show who is a member of a namespace.",
            "All that answer; and of those that do not, the ones that were let in by this node."
        },
        footer = {"  p2pvpn members", "  p2pvpn members --namespace lab --json"})
final class MembersCommand implements Callable<Integer> {
    @Option(names = "--namespace", paramLabel = "NAME", description = "of which (default: the only one)")
    private @Nullable NamespaceName namespace;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    MembersCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        MembersReport report = socket.client().members(new MembersRequest(namespace == null ? null : namespace.name()));
        environment.out().print(json ? ControlJson.writePretty(report) : text(report));
        return 0;
    }

    private static String text(MembersReport report) {
        Table table = new Table("", "NAME", "ADDRESS", "ROLE", "ID", "ONLINE", "CERTIFICATE UNTIL");
        for (MembersReport.Member each : report.members()) {
            table.row(
                    Words.orDash(each.name()),
                    Words.orDash(each.virtualIp()),
                    each.role(),
                    Words.id(each.overlayId()),
                    each.online() ? "yes" : "no",
                    Words.orDash(each.expires()));
        }
        return table.toString();
    }
}
