package io.p2pvpn.cli;

import io.p2pvpn.dht.DhtLimits;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.DhtReport;
import io.p2pvpn.vpn.control.DhtReport.DhtEntry;
import io.p2pvpn.vpn.control.DhtRequest;
import io.p2pvpn.vpn.control.DhtRequest.Operation;
import io.p2pvpn.vpn.option.NamespaceName;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Works on records in the DHT of the public ring or of a namespace. */
@Command(
        name = "dht",
        description = {
            "Keep and look up small records in the DHT.",
            "What is put or claimed is kept alive while this node runs, and for its ttl after that."
        },
        footer = {
            "  p2pvpn dht put motd 'backup at 22:00' --namespace lab",
            "  p2pvpn dht get motd --namespace lab --json",
            "  p2pvpn dht claim leader node2 --namespace lab --ttl 60",
            "  p2pvpn dht remove motd --namespace lab",
            "  p2pvpn dht dump"
        })
final class DhtCommand implements Callable<Integer> {
    private static final int TTL_SECONDS = 3600;

    @Parameters(
            index = "0",
            paramLabel = "put|claim|get|remove|dump",
            description = "put: beside the records of others; claim: for this node alone; dump: all records that this"
                    + " node keeps for others")
    @SuppressWarnings("NullAway.Init")
    private Operation operation;

    @Parameters(
            index = "1",
            paramLabel = "KEY",
            arity = "0..1",
            description = "any text, or 40 hex digits for a key as it is on the ring")
    private @Nullable String key;

    @Parameters(index = "2", paramLabel = "VALUE", arity = "0..1", description = "text of a put or a claim")
    private @Nullable String value;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description = "whose DHT (default: that of the public ring, which everybody can read)")
    private @Nullable NamespaceName namespace;

    @Option(
            names = "--ttl",
            paramLabel = "SECONDS",
            description = "how long the record outlives this node (default: " + TTL_SECONDS + ")")
    private @Nullable Integer ttlSeconds;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    DhtCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        boolean puts = operation == Operation.PUT || operation == Operation.CLAIM;
        check(puts);
        int ttl = !puts ? 0 : ttlSeconds == null ? TTL_SECONDS : ttlSeconds;
        String name = namespace == null ? null : namespace.name();
        DhtReport report = socket.client().dht(new DhtRequest(operation, name, key, value, ttl));
        environment.out().print(json ? ControlJson.writePretty(report) : text(report));
        if (operation != Operation.GET || !report.records().isEmpty()) {
            return 0;
        }
        return (report.conclusive() ? Kind.NOT_FOUND : Kind.TIMED_OUT).exitCode();
    }

    private void check(boolean puts) {
        boolean dumps = operation == Operation.DUMP;
        if (dumps ? key != null : key == null || key.isEmpty()) {
            throw wrong(dumps ? "dump takes no key" : "a key is missing");
        }
        if (puts == (value == null)) {
            throw wrong(puts ? "a value is missing" : "only put and claim take a value");
        }
        if (ttlSeconds != null && !puts) {
            throw wrong("only put and claim take --ttl");
        }
        if (ttlSeconds != null && (ttlSeconds < DhtLimits.TTL_SECONDS_MIN || ttlSeconds > DhtLimits.TTL_SECONDS_MAX)) {
            throw wrong("--ttl must be from " + DhtLimits.TTL_SECONDS_MIN + " to " + DhtLimits.TTL_SECONDS_MAX);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private String text(DhtReport report) {
        if (operation == Operation.REMOVE) {
            return "removed\n";
        }
        if (report.records().isEmpty()) {
            return report.conclusive()
                    ? "nothing is there\n"
                    : "only " + report.answered() + " of " + DhtLimits.REPLICAS
                            + " positions answered: try again, or see p2pvpn status\n";
        }
        Table table = new Table("", "KEY", "OWNER", "KIND", "STATE", "TTL", "VALUE");
        for (DhtEntry each : report.records()) {
            String shown = each.value() == null ? each.valueHex() : each.value();
            table.row(
                    Words.id(each.key()),
                    Words.id(each.owner()),
                    each.kind(),
                    each.state(),
                    Words.span(each.ttlSeconds()),
                    shown);
        }
        return table.toString();
    }
}
