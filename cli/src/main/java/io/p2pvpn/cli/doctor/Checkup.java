package io.p2pvpn.cli.doctor;

import io.p2pvpn.cli.Words;
import io.p2pvpn.cli.doctor.FirewallRules.Way;
import io.p2pvpn.overlay.host.StateSealing;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks for what would stop a node from working on a host. */
final class Checkup {
    private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");
    private static final long STATE_BYTES_MIN = 10_000_000;
    private static final long OPEN_FILES_MIN = 1024;
    private static final String TUN = "/dev/net/tun";
    private static final List<String> CONTAINER_MARKS = List.of("/.dockerenv", "/run/.containerenv");

    private final HostView host;
    private final Path state;
    private final List<Finding> findings = new ArrayList<>();

    /** One of that host, for a node that would keep its state there. */
    Checkup(HostView host, Path state) {
        this.host = host;
        this.state = state;
    }

    /** Looks at everything. */
    List<Finding> run() {
        system();
        if (host.system().equals("Linux")) {
            device();
            processor();
            openFiles();
            ipv6();
            firewall();
        }
        stateDirectory();
        clock();
        return List.copyOf(findings);
    }

    private void system() {
        String reason = host.whyNoLoop();
        if (!host.system().equals("Linux")) {
            findings.add(Finding.error("system", host.system() + " is not supported yet: a node needs Linux"));
        } else if (reason != null) {
            findings.add(Finding.warning(
                    "system",
                    "the native network library does not load (" + reason + "): a node runs slowly and without a"
                            + " device; use a glibc system on x86_64 or aarch64, and a /tmp from which programs may"
                            + " run"));
        } else {
            findings.add(Finding.ok("system", "Linux, with the native network library"));
        }
    }

    private void device() {
        if (!host.exists(Path.of(TUN))) {
            findings.add(Finding.error(
                    "tun-device",
                    "there is no " + TUN + ": modprobe tun"
                            + (isContainer() ? ", and start the container with --device " + TUN : "")
                            + "; without a device there is --no-tun"));
        } else if (!host.mayConfigureNetwork()) {
            findings.add(Finding.warning(
                    "privileges",
                    "this user may not make network devices: use sudo, or give CAP_NET_ADMIN"
                            + (isContainer() ? " (--cap-add NET_ADMIN)" : "")
                            + "; without a device there is --no-tun"));
        } else {
            String reason = host.whyNoDevice();
            findings.add(
                    reason == null
                            ? Finding.ok("tun-device", "a network device can be made")
                            : Finding.error("tun-device", "no network device can be made: " + reason));
        }
    }

    private boolean isContainer() {
        return CONTAINER_MARKS.stream().anyMatch(mark -> host.exists(Path.of(mark)));
    }

    private void processor() {
        String text = host.file("/proc/cpuinfo");
        if (text == null) {
            return;
        }
        boolean aes = text.lines()
                .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                .anyMatch(line -> (line + " ").contains(" aes "));
        findings.add(
                aes
                        ? Finding.ok("processor", "it has AES instructions")
                        : Finding.info(
                                "processor",
                                "it has no AES instructions: the tunnel will be several times slower than elsewhere"));
    }

    private void openFiles() {
        String limits = host.file("/proc/self/limits");
        if (limits == null) {
            return;
        }
        for (String line :
                limits.lines().filter(each -> each.startsWith("Max open files")).toList()) {
            String soft = line.substring("Max open files".length()).strip().split("\\s+", 2)[0];
            if (soft.matches("[0-9]{1,18}") && Long.parseLong(soft) < OPEN_FILES_MIN) {
                findings.add(Finding.warning(
                        "open-files",
                        "only " + soft + " files may be open: raise it to " + OPEN_FILES_MIN
                                + " (ulimit -n, LimitNOFILE=), or peers over TCP will be refused"));
            }
        }
    }

    private void ipv6() {
        String off = host.file("/proc/sys/net/ipv6/conf/all/disable_ipv6");
        if (off == null || off.strip().equals("1")) {
            findings.add(Finding.info(
                    "ipv6",
                    "IPv6 is switched off here: members are reached by their IPv4 addresses only (sysctl"
                            + " net.ipv6.conf.all.disable_ipv6=0 switches it on)"));
        }
    }

    private void firewall() {
        Map<Way, String> closed = closedWays();
        if (closed == null) {
            findings.add(Finding.info(
                    "firewall",
                    host.mayConfigureNetwork()
                            ? "neither nft nor iptables is installed: whether a firewall is set cannot be seen"
                            : "only root sees the rules of the firewall: run it with sudo to have them looked at"));
            return;
        }
        String output = closed.get(Way.OUTPUT);
        if (output != null) {
            findings.add(Finding.error(
                    "firewall-output",
                    "the firewall drops what this host sends unless a rule lets it pass (" + output
                            + "): let UDP and TCP out to the ports of bootstrap nodes and peers, and everything to the"
                            + " devices p2p*"));
        }
        String input = closed.get(Way.INPUT);
        if (input != null) {
            findings.add(Finding.warning(
                    "firewall-input",
                    "the firewall drops what comes unasked (" + input + "): let UDP and TCP in to the port of --listen,"
                            + " so that every peer reaches this node directly, and the devices p2p*, so that members"
                            + " reach this host's services"));
        }
        String forward = closed.get(Way.FORWARD);
        if (forward != null) {
            findings.add(Finding.info(
                    "firewall-forward",
                    "packets through this host are dropped (" + forward + ", as container engines set it): members do"
                            + " not reach containers and machines behind this host; this host itself is not"
                            + " concerned"));
        }
        if (closed.isEmpty()) {
            findings.add(Finding.ok("firewall", "no way is closed by default"));
        }
    }

    private @Nullable Map<Way, String> closedWays() {
        String json = host.output(List.of("nft", "-j", "list", "ruleset"));
        Map<Way, String> closed = json == null ? null : FirewallRules.closedByNft(json);
        if (closed != null) {
            return closed;
        }
        String text = host.output(List.of("iptables", "-S"));
        return text == null ? null : FirewallRules.closedByIptables(text);
    }

    private void stateDirectory() {
        Path parent = state.toAbsolutePath().normalize();
        while (parent.getParent() != null && !host.exists(parent)) {
            parent = parent.getParent();
        }
        long free = host.freeBytes(state);
        if (!host.isWritable(parent)) {
            findings.add(Finding.error(
                    "state-directory",
                    "this user may not write to " + parent + ": use sudo, or choose another directory with --state"));
        } else if (free >= 0 && free < STATE_BYTES_MIN) {
            findings.add(Finding.error(
                    "state-directory",
                    "only " + Words.bytes(free) + " are free where " + state + " is: make room, or what this node"
                            + " learns will not survive a restart"));
        } else {
            findings.add(Finding.ok("state-directory", state + " can be written"));
        }
        if (host.exists(state.resolve(StateSealing.FILE))) {
            findings.add(Finding.info(
                    "state-sealed",
                    state + " is sealed under a passphrase: a node starts with it by --passphrase-file only"));
        }
    }

    private void clock() {
        Instant now = host.now();
        String synchronised = host.output(List.of("timedatectl", "show", "--property=NTPSynchronized", "--value"));
        if (now.isBefore(EARLIEST)) {
            findings.add(Finding.error(
                    "clock",
                    "the clock says " + now.truncatedTo(ChronoUnit.SECONDS) + ", which is "
                            + Duration.between(now, EARLIEST).toDays() + " days before this program was made: set it;"
                            + " certificates and records need it right within 5 minutes"));
        } else if (synchronised != null && synchronised.strip().equals("no")) {
            findings.add(Finding.warning(
                    "clock",
                    "nothing keeps the clock right: switch on time synchronisation (timedatectl set-ntp true);"
                            + " certificates and records need it right within 5 minutes"));
        } else {
            findings.add(Finding.ok("clock", "it may be right"));
        }
    }
}
