package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.InviteReport;
import io.p2pvpn.vpn.control.InviteRequest;
import io.p2pvpn.vpn.option.NamespaceName;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes an invite. */
@Command(
        name = "invite",
        description = {
            "Make a token that lets somebody into a namespace at once.",
            "It is as secret as a password, and this node must run when it is used."
        },
        footer = {
            "  p2pvpn invite --namespace lab",
            "  p2pvpn invite --namespace lab --uses 20 --expires 7d",
            "  sudo p2pvpn join --namespace lab --invite p2pi1-..."
        })
final class InviteCommand implements Callable<Integer> {
    @Option(names = "--namespace", paramLabel = "NAME", description = "to which (default: the only one)")
    private @Nullable NamespaceName namespace;

    @Option(names = "--uses", paramLabel = "N", description = "how many it lets in (default: ${DEFAULT-VALUE})")
    private int uses = 1;

    @Option(names = "--expires", paramLabel = "TIME", description = "how long it can be used (default: 24h)")
    private Span expires = Span.parse("24h");

    @Mixin
    private final TermsOptions terms = new TermsOptions();

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    InviteCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        InviteReport report = socket.client()
                .invite(new InviteRequest(
                        namespace == null ? null : namespace.name(),
                        uses,
                        expires.seconds(),
                        terms.role(),
                        terms.validSeconds()));
        if (json) {
            environment.out().print(ControlJson.writePretty(report));
            return 0;
        }
        environment.out().println(report.token());
        environment
                .err()
                .println(
                        "lets " + (uses == 1 ? "one node" : uses + " nodes") + " into " + report.namespace() + " until "
                                + report.expires() + "; there: sudo p2pvpn join --namespace " + report.namespace()
                                + " --invite TOKEN");
        return 0;
    }
}
