package io.p2pvpn.cli;

import io.p2pvpn.vpn.trust.Role;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What somebody who is let in may do, and for how long. */
final class TermsOptions {
    @Option(
            names = "--role",
            paramLabel = "member|admin|gateway|relay",
            description = "what it may do; an admin lets others in and puts them out (default: member)")
    private Role role = Role.MEMBER;

    @Option(
            names = "--valid",
            paramLabel = "TIME",
            description = "how long its certificate is valid before it is renewed (default: 30d)")
    private @Nullable Span valid;

    String role() {
        return role.word();
    }

    long validSeconds() {
        return valid == null ? 0 : valid.seconds();
    }
}
