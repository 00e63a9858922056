package io.p2pvpn.cli;

import io.p2pvpn.vpn.node.names.NameMode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How programs of this host look members' names up. */
final class DnsOption {
    @Option(
            names = "--dns",
            paramLabel = "auto|resolved|unbound|dnsmasq|hosts|server|off",
            description = "how programs here look up HOST.NAMESPACE.p2pvpn.internal: told to the local resolver, lines"
                    + " in /etc/hosts, or only by asking the device's address (default: auto, the first that works);"
                    + " resolv.conf is never written")
    private @Nullable String word;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** True if something else than the default is asked for. */
    boolean isGiven() {
        return word != null;
    }

    /** What is asked for; checked. */
    NameMode mode() {
        try {
            return word == null ? NameMode.AUTO : NameMode.parse(word);
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), "--dns: " + unknown.getMessage());
        }
    }
}
