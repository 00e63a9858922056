package io.p2pvpn.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what makes a shell complete commands and options. */
@Command(
        name = "completion",
        description = "Print a script that makes the shell complete commands and options.",
        footer = {
            "  source <(p2pvpn completion)",
            "  p2pvpn completion | sudo tee /etc/bash_completion.d/p2pvpn >/dev/null",
            "  p2pvpn completion zsh >> ~/.zshrc"
        })
final class CompletionCommand implements Callable<Integer> {
    /** Shells whose completion is known; one script serves both. */
    enum Shell {
        BASH,
        ZSH
    }

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "bash|zsh",
            defaultValue = "bash",
            description = "for which shell (default: ${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private Shell shell;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    CompletionCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String script = AutoComplete.bash(spec.root().name(), spec.root().commandLine());
        environment.out().print(shell == Shell.ZSH ? "autoload -U +X compinit && compinit\n" + script : script);
        return 0;
    }
}
