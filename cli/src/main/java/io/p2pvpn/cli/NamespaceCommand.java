package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.AuthorityReport;
import io.p2pvpn.vpn.control.AuthorityRequest;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.namespace.Administration;
import io.p2pvpn.vpn.trust.AuthorityKey;
import io.p2pvpn.vpn.trust.Role;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the namespaces of a node, and works on the keys that speak for them. */
@Command(
        name = "namespace",
        description = {
            "Show the namespaces that this node is in, or work on the key that speaks for one.",
            "list, show: what this node is in. export-ca: write the key to a file and forget it, this node stays an"
                    + " administrator; import-ca: bring it back; rotate: replace it, for everybody. request, sign,"
                    + " install: have a certificate signed where the key is kept, without a network."
        },
        footer = {
            "  p2pvpn namespace list",
            "  p2pvpn namespace show lab --json",
            "  p2pvpn namespace export-ca lab --file /media/stick/lab.ca",
            "  p2pvpn namespace request lab --file db1.request",
            "  p2pvpn namespace sign --ca /media/stick/lab.ca --file db1.request --role admin --valid 365d",
            "  p2pvpn namespace install lab --file db1.certificate"
        })
final class NamespaceCommand implements Callable<Integer> {
    private static final long MILLIS_PER_SECOND = 1000;

    /** What can be done. */
    enum Operation {
        LIST,
        SHOW,
        EXPORT_CA,
        IMPORT_CA,
        ROTATE,
        REQUEST,
        SIGN,
        INSTALL;

        /** As it is typed. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * The document of {@code namespace list} and {@code namespace show}.
     *
     * @param namespaces those that were asked for
     */
    record Document(List<NamespaceStatus> namespaces) {}

    @Parameters(
            index = "0",
            paramLabel = "list|show|export-ca|import-ca|rotate|request|sign|install",
            description = "what to do")
    @SuppressWarnings("NullAway.Init")
    private Operation operation;

    @Parameters(
            index = "1",
            paramLabel = "NAME",
            arity = "0..1",
            description = "which namespace; of all but list and sign")
    private @Nullable String name;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "what is written (export-ca, request) or read (import-ca, sign, install)")
    private @Nullable Path file;

    @Option(names = "--ca", paramLabel = "FILE", description = "of sign: the file that export-ca wrote")
    private @Nullable Path authorityFile;

    @Option(names = "--keep", description = "of export-ca: the key stays on this node, too")
    private boolean keep;

    @Mixin
    private final TermsOptions terms = new TermsOptions();

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    NamespaceCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        boolean named = operation != Operation.LIST && operation != Operation.SIGN;
        if (named == (name == null)) {
            throw wrong(named ? "a name is missing" : operation + " takes no name");
        }
        return switch (operation) {
            case LIST, SHOW -> show();
            case EXPORT_CA -> write(keep ? AuthorityRequest.Operation.COPY : AuthorityRequest.Operation.EXPORT);
            case REQUEST -> write(AuthorityRequest.Operation.REQUEST);
            case IMPORT_CA -> ask(AuthorityRequest.Operation.IMPORT, KeyFiles.read(required(file, "--file")));
            case INSTALL -> ask(AuthorityRequest.Operation.INSTALL, KeyFiles.read(required(file, "--file")));
            case ROTATE -> ask(AuthorityRequest.Operation.ROTATE, null);
            case SIGN -> sign();
        };
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private Path required(@Nullable Path given, String option) {
        if (given == null) {
            throw wrong(operation + " needs " + option + " FILE");
        }
        return given;
    }

    private int ask(AuthorityRequest.Operation what, @Nullable String text) throws ControlException {
        AuthorityReport report = socket.client().authority(new AuthorityRequest(what, name, text));
        environment.out().println(report.namespace() + ": done");
        return 0;
    }

    /** The file is made first: a key that this node has forgotten must not be lost for want of a place. */
    private int write(AuthorityRequest.Operation what) throws ControlException {
        try (KeyFiles.Target target = KeyFiles.make(required(file, "--file"))) {
            AuthorityReport copy = socket.client()
                    .authority(new AuthorityRequest(
                            what == AuthorityRequest.Operation.EXPORT ? AuthorityRequest.Operation.COPY : what,
                            name,
                            null));
            target.write(String.valueOf(copy.text()));
        }
        if (what == AuthorityRequest.Operation.EXPORT) {
            var unused = socket.client().authority(new AuthorityRequest(what, name, null));
        }
        environment.out().println(file + ": written");
        return 0;
    }

    /** Needs no daemon and no network. */
    private int sign() throws ControlException {
        AuthorityKey key = AuthorityKey.parse(KeyFiles.read(required(authorityFile, "--ca")));
        if (key == null) {
            throw new ControlException(
                    Kind.NOT_PERMITTED, authorityFile + " holds no key of a namespace, or it was altered");
        }
        long validMillis =
                terms.validSeconds() == 0 ? Administration.VALID_MILLIS : terms.validSeconds() * MILLIS_PER_SECOND;
        if (validMillis < Administration.VALID_MILLIS_MIN || validMillis > Administration.VALID_MILLIS_MAX) {
            throw wrong("certificates can be valid for 1 minute to 398 days");
        }
        SecureRandom random = new SecureRandom();
        String credential = key.sign(
                KeyFiles.read(required(file, "--file")),
                List.of(key.descriptor().caKey(), key.authority().publicKey()),
                Objects.requireNonNull(Role.ofWord(terms.role())),
                validMillis,
                random::nextBytes,
                System.currentTimeMillis());
        if (credential == null) {
            throw new ControlException(
                    Kind.NOT_PERMITTED,
                    file + " holds no request of a member of " + key.descriptor() + ", or it was altered");
        }
        environment.out().println(credential);
        return 0;
    }

    private int show() throws ControlException {
        List<NamespaceStatus> shown = new ArrayList<>(socket.client().status().namespaces());
        if (name != null) {
            shown.removeIf(each -> !each.name().equals(name));
            if (shown.isEmpty()) {
                throw new ControlException(
                        Kind.NOT_FOUND, "this node is not in " + name + ": see p2pvpn namespace list");
            }
        }
        environment.out().print(json ? ControlJson.writePretty(new Document(shown)) : text(shown));
        return 0;
    }

    private static String text(List<NamespaceStatus> shown) {
        if (shown.isEmpty()) {
            return "none\n";
        }
        Table table = new Table("", "NAME@HASH", "STATE", "ROLE", "ADDRESS", "MEMBERS", "CERTIFICATE UNTIL");
        for (NamespaceStatus each : shown) {
            table.row(
                    each.name() + (each.id() == null ? "" : "@" + each.id()),
                    each.state().word(),
                    each.role(),
                    Words.orDash(each.virtualIp()),
                    "about " + each.ring().size(),
                    Words.orDash(each.expires()));
        }
        return table.toString();
    }
}
