package io.p2pvpn.vpn.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the operating system lets this process do. */
public final class HostUser {
    /** CAP_NET_ADMIN of capabilities(7). */
    private static final int NET_ADMIN_BIT = 12;

    private static final String EFFECTIVE = "CapEff:";
    private static final int HEX = 16;

    private HostUser() {}

    /** Whether the process runs as user 0. */
    public static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException notLinux) {
            return "root".equals(System.getProperty("user.name"));
        }
    }

    /** Whether the process may make network devices; the answer for root where the kernel does not tell. */
    public static boolean mayConfigureNetwork() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith(EFFECTIVE)) {
                    long capabilities = Long.parseUnsignedLong(
                            line.substring(EFFECTIVE.length()).strip(), HEX);
                    return (capabilities >>> NET_ADMIN_BIT & 1) == 1;
                }
            }
        } catch (IOException notLinux) {
            return isRoot();
        }
        return isRoot();
    }
}
