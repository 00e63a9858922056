package io.p2pvpn.cli;

import io.p2pvpn.cli.demo.DemoCommand;
import io.p2pvpn.cli.doctor.DoctorCommand;
import io.p2pvpn.cli.node.LimitedLog;
import io.p2pvpn.cli.node.NodeLauncher;
import io.p2pvpn.cli.node.NodeOptions;
import io.p2pvpn.cli.node.VpnNodeLauncher;
import io.p2pvpn.cli.simulate.SimulateCommand;
import io.p2pvpn.overlay.host.HttpProxy;
import io.p2pvpn.overlay.host.InterfaceRules;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.LogLevel;
import io.p2pvpn.vpn.control.ProgramVersion;
import io.p2pvpn.vpn.names.ServiceType;
import io.p2pvpn.vpn.option.BootstrapAddress;
import io.p2pvpn.vpn.option.IpAddress;
import io.p2pvpn.vpn.option.IpPrefix;
import io.p2pvpn.vpn.option.ListenAddress;
import io.p2pvpn.vpn.option.NamespaceName;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code p2pvpn} command. */
@Command(
        name = "p2pvpn",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = "A VPN between your hosts with no server in the middle.",
        footerHeading = "%nExamples:%n")
public final class Main implements Runnable {
    private static final String COMPLETION = "completion";
    private static final String SIMULATE = "simulate";
    private static final Map<String, Function<Environment, Object>> COMMANDS = commands();
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        if (!"1".equals(System.getenv("P2PVPN_DEBUG")) && isLogLimited(arguments)) {
            System.setErr(LimitedLog.before(System.err));
        }
        Environment environment = Environment.ofProcess(Main::launcher, Main.class);
        System.exit(run(environment, arguments));
    }

    /** A simulation has a lot to tell, and what it found at the end: that must not be what is left out. */
    static boolean isLogLimited(String... arguments) {
        return arguments.length == 0 || !SIMULATE.equals(arguments[0]);
    }

    /** Runs one command and returns its exit code. */
    public static int run(Environment environment, String... arguments) {
        CommandLine root = commandLine(environment.withArguments(arguments));
        int code;
        try {
            ConfigFile.Expanded expanded = ConfigFile.expand(root, arguments);
            code = root.setParameterExceptionHandler((wrong, unused) -> wrongUsage(environment, wrong, expanded))
                    .setExecutionExceptionHandler(
                            (failure, command, unused) -> failed(environment, failure, command, expanded))
                    .execute(expanded.arguments());
        } catch (ParameterException wrong) {
            code = wrongUsage(environment, wrong, null);
        }
        environment.out().flush();
        return code;
    }

    /**
     * What the command line of a daemon asks for with its configuration file as it is now.
     *
     * @throws ControlException if that is wrong; its message says what and where
     */
    static NodeOptions reread(Environment environment) throws ControlException {
        CommandLine root = commandLine(environment);
        ConfigFile.Expanded expanded = null;
        try {
            expanded = ConfigFile.expand(root, environment.arguments().toArray(new String[0]));
            CommandLine.ParseResult parsed = root.parseArgs(expanded.arguments());
            DaemonCommand command =
                    (DaemonCommand) parsed.subcommand().commandSpec().userObject();
            return command.options();
        } catch (ParameterException wrong) {
            String what = oneLine(wrong);
            String placed = expanded == null ? what : expanded.place(wrong, what);
            throw new ControlException(ControlException.Kind.WRONG_USAGE, placed, wrong);
        }
    }

    static NodeLauncher launcher() {
        return new VpnNodeLauncher();
    }

    /** By name, in the order of the help. */
    private static Map<String, Function<Environment, Object>> commands() {
        Map<String, Function<Environment, Object>> commands = new LinkedHashMap<>();
        commands.put("bootstrap", BootstrapCommand::new);
        commands.put("join", JoinCommand::new);
        commands.put("leave", LeaveCommand::new);
        commands.put("down", DownCommand::new);
        commands.put("status", StatusCommand::new);
        commands.put("peers", PeersCommand::new);
        commands.put("netcheck", NetcheckCommand::new);
        commands.put("ping", PingCommand::new);
        commands.put("route", RouteCommand::new);
        commands.put("crawl", CrawlCommand::withHistory);
        commands.put("dht", DhtCommand::new);
        commands.put("namespace", NamespaceCommand::new);
        commands.put("members", MembersCommand::new);
        commands.put("services", ServicesCommand::new);
        commands.put("publish", PublishCommand::new);
        commands.put("unpublish", UnpublishCommand::new);
        commands.put("invite", InviteCommand::new);
        commands.put("requests", RequestsCommand::new);
        commands.put("approve", ApproveCommand::new);
        commands.put("deny", DenyCommand::new);
        commands.put("revoke", RevokeCommand::new);
        commands.put("rules", RulesCommand::new);
        commands.put("dashboard", DashboardCommand::new);
        commands.put("metrics", MetricsCommand::new);
        commands.put("log", LogCommand::new);
        commands.put("bugreport", BugReportCommand::new);
        commands.put("doctor", DoctorCommand::new);
        commands.put(COMPLETION, CompletionCommand::new);
        commands.put("demo", DemoCommand::new);
        commands.put(SIMULATE, SimulateCommand::new);
        return commands;
    }

    /** The command line: with the command that the environment's arguments name, or with all of them. */
    static CommandLine commandLine(Environment environment) {
        CommandLine root = new CommandLine(new Main());
        List<String> given = environment.arguments();
        Function<Environment, Object> named = given.isEmpty() ? null : COMMANDS.get(given.get(0));
        // Looking into all of them takes longer than most of them run; only this one asks what others there are.
        if (named == null || given.get(0).equals(COMPLETION)) {
            COMMANDS.values().forEach(command -> root.addSubcommand(command.apply(environment)));
        } else {
            root.addSubcommand(named.apply(environment));
        }
        root.getCommandSpec()
                .usageMessage()
                .footer(
                        "  sudo p2pvpn demo",
                        "  p2pvpn bootstrap --listen 4001",
                        "  sudo p2pvpn join --bootstrap 203.0.113.5:4001 --namespace lab --open",
                        "  p2pvpn status");
        register(root, BootstrapAddress.class, BootstrapAddress::parse);
        register(root, HttpProxy.class, HttpProxy::parse);
        register(root, InterfaceRules.Rule.class, InterfaceRules.Rule::parse);
        register(root, ListenAddress.class, ListenAddress::parse);
        register(root, NamespaceName.class, NamespaceName::parse);
        register(root, IpAddress.class, IpAddress::parse);
        register(root, IpPrefix.class, IpPrefix::parse);
        register(root, LogLevel.class, LogLevel::parse);
        register(root, ServiceType.class, ServiceType::parse);
        register(root, Span.class, Span::parse);
        return root.setOut(new PrintWriter(environment.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(environment.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.AUTO))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUnmatchedOptionsArePositionalParams(false);
    }

    private static <T> void register(CommandLine root, Class<T> type, Function<String, T> parser) {
        root.registerConverter(type, text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        });
    }

    private static int wrongUsage(
            Environment environment, ParameterException wrong, ConfigFile.@Nullable Expanded commandLine) {
        CommandLine command = wrong.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        boolean unknownCommand = wrong instanceof UnmatchedArgumentException unmatched
                && command.getParent() == null
                && !unmatched.getUnmatched().get(0).startsWith("-");
        String what = unknownCommand
                ? "'" + ((UnmatchedArgumentException) wrong).getUnmatched().get(0) + "' is not a command"
                : oneLine(wrong);
        String placed = commandLine == null ? what : commandLine.place(wrong, what);
        environment.err().println(name + ": " + placed + " (see " + name + " --help)");
        return WRONG_USAGE;
    }

    private static int failed(
            Environment environment, Exception failure, CommandLine command, ConfigFile.Expanded commandLine) {
        if (environment.debug()) {
            failure.printStackTrace(environment.err());
        }
        if (failure instanceof ParameterException wrong) {
            return wrongUsage(environment, wrong, commandLine);
        }
        String name = command.getCommandSpec().qualifiedName();
        if (failure instanceof ControlException known) {
            environment.err().println(name + ": " + oneLine(known));
            return known.kind().exitCode();
        }
        environment
                .err()
                .println(
                        name + ": it failed unexpectedly (" + failure.getClass().getSimpleName() + ": "
                                + oneLine(failure) + "): run it again with P2PVPN_DEBUG=1 and report what it prints");
        return FAILED;
    }

    private static String oneLine(Exception failure) {
        return String.valueOf(failure.getMessage()).strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
    }

    /** Without a command: shows what there is. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Answers {@code --version}. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {String.format(Locale.ROOT, "p2pvpn %s", ProgramVersion.text())};
        }
    }
}
