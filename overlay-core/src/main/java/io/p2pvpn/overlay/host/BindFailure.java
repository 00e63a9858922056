package io.p2pvpn.overlay.host;

import io.netty.channel.unix.Errors;
import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.Posix;
import java.util.Locale;

/** Says why a port could not be had, and what to do. */
final class BindFailure {
    private BindFailure() {}

    /** The exception for an error number of bind(2) or listen(2). */
    static HostException of(String protocol, ListenAddress where, int errno) {
        String reason = switch (errno) {
            case LinuxConstants.EADDRINUSE ->
                "the port is taken by another program; stop it (see 'ss -lnp') or"
                        + " choose another port with --listen";
            case LinuxConstants.EACCES, LinuxConstants.EPERM ->
                "permission denied; ports below 1024 need root"
                        + " or CAP_NET_BIND_SERVICE, or choose a higher port with --listen";
            case LinuxConstants.EADDRNOTAVAIL -> "this host does not have that address; see 'ip address'";
            default -> Posix.get().strerror(errno);
        };
        return new HostException("cannot listen on " + protocol + " " + where + ": " + reason);
    }

    /** The exception for what a channel reported. */
    static HostException of(String protocol, ListenAddress where, Throwable cause) {
        for (Throwable reason = cause; reason != null; reason = reason.getCause()) {
            if (reason instanceof HostException refused) {
                return refused;
            }
            if (reason instanceof Errors.NativeIoException error) {
                return of(protocol, where, -error.expectedErr());
            }
        }
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (text.contains("in use")) {
            return of(protocol, where, LinuxConstants.EADDRINUSE);
        }
        if (text.contains("permission")) {
            return of(protocol, where, LinuxConstants.EACCES);
        }
        return new HostException("cannot listen on " + protocol + " " + where + ": " + cause.getMessage(), cause);
    }
}
