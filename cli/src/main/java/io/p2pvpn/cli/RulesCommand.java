package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.MembersReport;
import io.p2pvpn.vpn.control.MembersRequest;
import io.p2pvpn.vpn.control.RulesReport;
import io.p2pvpn.vpn.control.RulesRequest;
import io.p2pvpn.vpn.option.NamespaceName;
import io.p2pvpn.vpn.rules.Decision;
import io.p2pvpn.vpn.rules.Party;
import io.p2pvpn.vpn.rules.RuleSet;
import io.p2pvpn.vpn.trust.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows and sets what members let in from each other. */
@Command(
        name = "rules",
        description = {
            "Show or set the access rules of a namespace: what members let in from each other.",
            "One rule a line, the first that fits counts: allow|deny FROM -> TO : SERVICES, after a line default"
                    + " allow|deny. Answers to what a host began itself always come in."
        },
        footer = {
            "  p2pvpn rules",
            "  p2pvpn rules --set rules.txt",
            "  p2pvpn rules --explain laptop db1 tcp/5432",
            "  printf 'default deny\\nallow role:admin -> * : tcp/22\\n' | p2pvpn rules --set -"
        })
final class RulesCommand implements Callable<Integer> {
    private static final Map<String, Integer> PROTOCOLS = Map.of("icmp", 1, "tcp", 6, "udp", 17);
    private static final int PORT_MAX = 65_535;

    private static final class Action {
        @Option(names = "--set", paramLabel = "FILE", description = "take these instead, - for standard input")
        private @Nullable String file;

        @Option(names = "--clear", description = "let everything in")
        private boolean clear;

        @Option(
                names = "--explain",
                arity = "3",
                paramLabel = "FROM TO SERVICE",
                description = "which rule decides about a flow, for example: laptop db1 tcp/5432")
        private @Nullable List<String> explain;
    }

    /**
     * The document of {@code rules --explain}.
     *
     * @param namespace of which
     * @param allowed whether the flow comes in
     * @param rule which rule decides, counted from 1; 0 for the default
     * @param text that rule
     */
    record Explanation(String namespace, boolean allowed, int rule, String text) {}

    @Option(names = "--namespace", paramLabel = "NAME", description = "of which (default: the only one)")
    private @Nullable NamespaceName namespace;

    @ArgGroup
    private @Nullable Action action;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    RulesCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        Action asked = action == null ? new Action() : action;
        String name = namespace == null ? null : namespace.name();
        if (asked.explain != null) {
            return explain(name, asked.explain);
        }
        String text = asked.clear ? "default allow" : asked.file == null ? null : read(asked.file);
        RulesReport report = socket.client().rules(new RulesRequest(name, text));
        if (json) {
            environment.out().print(ControlJson.writePretty(report));
        } else {
            environment
                    .out()
                    .println(
                            report.text() == null
                                    ? "default allow"
                                    : report.text().strip());
        }
        return 0;
    }

    private String read(String file) throws ControlException {
        try {
            byte[] bytes = file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
            String text = new String(bytes, StandardCharsets.UTF_8);
            // Said here, where the file's name is known; the daemon looks again.
            return RuleSet.parse(text).toString();
        } catch (IOException failure) {
            throw new ControlException(Kind.FAILED, "cannot read " + file + " (" + failure.getMessage() + ")", failure);
        } catch (IllegalArgumentException wrong) {
            throw new ControlException(Kind.WRONG_USAGE, file + ": " + wrong.getMessage(), wrong);
        }
    }

    private int explain(@Nullable String name, List<String> flow) throws ControlException {
        String[] service = flow.get(2).toLowerCase(Locale.ROOT).split("/", -1);
        Integer protocol = PROTOCOLS.get(service[0]);
        int port = port(service);
        if (protocol == null || port < 0) {
            throw new ParameterException(
                    spec.commandLine(), "a service is tcp/PORT, udp/PORT or icmp, for example tcp/22");
        }
        RulesReport report = socket.client().rules(new RulesRequest(name, null));
        List<MembersReport.Member> members =
                socket.client().members(new MembersRequest(name)).members();
        RuleSet rules = RuleSet.parse(report.text() == null ? "default allow" : report.text());
        Decision decision = rules.decide(party(members, flow.get(0)), party(members, flow.get(1)), protocol, port);
        if (json) {
            environment
                    .out()
                    .print(ControlJson.writePretty(new Explanation(
                            report.namespace(), decision.allowed(), decision.number(), decision.text())));
        } else {
            environment
                    .out()
                    .println((decision.allowed() ? "allowed" : "denied") + " by "
                            + (decision.number() == 0 ? "the default" : "rule " + decision.number()) + ": "
                            + decision.text());
        }
        return 0;
    }

    private static int port(String[] service) {
        if (service.length == 1) {
            return service[0].equals("icmp") ? 0 : -1;
        }
        try {
            int port = Integer.parseInt(service[1]);
            return service.length == 2 && port >= 0 && port <= PORT_MAX ? port : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private Party party(List<MembersReport.Member> members, String name) {
        for (MembersReport.Member each : members) {
            if (each.name().equalsIgnoreCase(name)) {
                return new Party(each.name(), Objects.requireNonNullElse(Role.ofWord(each.role()), Role.MEMBER));
            }
        }
        environment.err().println(name + " is not known here: taken for a member without another role");
        return new Party(name, Role.MEMBER);
    }
}
