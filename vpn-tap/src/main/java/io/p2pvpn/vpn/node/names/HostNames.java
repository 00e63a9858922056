package io.p2pvpn.vpn.node.names;

import io.p2pvpn.overlay.host.HostRuntime;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.names.NameAnswers;
import io.p2pvpn.vpn.names.NameServices;
import io.p2pvpn.vpn.names.NameSource;
import io.p2pvpn.vpn.names.NameZone;
import io.p2pvpn.vpn.namespace.Addresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Names on a Linux host: a responder on the device's addresses, and the host's resolver, which is told to ask it about
 * the namespace's names; where none takes that, lines in {@code /etc/hosts}. Confined to the node's loop.
 */
public final class HostNames implements NameServices {
    /** The file that lists names where no resolver can be told. */
    private static final Path HOSTS = Path.of("/etc/hosts");

    private final HostRuntime runtime;
    private final NameMode mode;
    private final String tag;
    private final Consumer<String> onNotice;

    /**
     * Names for the namespaces of one node.
     *
     * @param stateDirectory of the node, by which its lines in other programs' files are known again after a crash
     * @param onNotice takes a line for people
     */
    public HostNames(HostRuntime runtime, NameMode mode, Path stateDirectory, Consumer<String> onNotice) {
        this.runtime = runtime;
        this.mode = mode;
        this.tag = stateDirectory.toAbsolutePath().normalize().toString().replaceAll("\\s", "_");
        this.onNotice = onNotice;
    }

    @Override
    public CompletableFuture<Offer> offer(NameZone zone, String device, int ipv4, NameSource source) {
        CompletableFuture<?> clean = runtime.blocking().call(() -> {
            MarkedBlock.remove(HOSTS, found -> found.equals(hostsTag(zone)));
            return true;
        });
        if (mode == NameMode.OFF) {
            return clean.handle((done, failure) -> "off").thenCompose(off -> NONE.offer(zone, device, ipv4, source));
        }
        NameAnswers answers = new NameAnswers(zone, source);
        return clean.handle((done, failure) -> true)
                .thenCompose(done -> DnsServer.open(
                        runtime.eventLoop(),
                        addresses(zone, ipv4),
                        List.of(DnsServer.PORT, DnsServer.OTHER_PORT),
                        runtime.counters(),
                        answers,
                        asker -> mayAsk(zone, source, asker.getAddress())))
                .handle((server, failure) -> {
                    if (failure != null) {
                        onNotice.accept("names in " + zone.domain() + " cannot be asked for: port " + DnsServer.PORT
                                + " of " + Addresses.text4(ipv4) + " cannot be used (" + failure.getMessage() + ")");
                    }
                    return server;
                })
                .thenCompose(server -> offer(zone, device, ipv4, source, server));
    }

    /** How names are looked up by programs that know nothing of us. */
    private record Choice(@Nullable Resolver resolver, boolean byHostsFile) {}

    private CompletableFuture<Offer> offer(
            NameZone zone, String device, int ipv4, NameSource source, @Nullable DnsServer server) {
        List<Resolver> candidates = server == null ? List.of() : candidates();
        return runtime.blocking()
                .call(() -> {
                    Resolver taken = choose(candidates, zone, device, ipv4);
                    return new Choice(taken, mode == NameMode.AUTO && taken == null && isHostsFileOurs());
                })
                .thenApply(choice -> {
                    Resolver chosen = choice.resolver();
                    boolean listed = mode == NameMode.HOSTS || choice.byHostsFile();
                    if (chosen == null && !candidates.isEmpty() && mode != NameMode.AUTO) {
                        onNotice.accept("names in " + zone.domain() + " have to be asked for at "
                                + Addresses.text4(ipv4) + ": " + mode.word() + " does not run here, or does not take"
                                + " what it is told (docs/operations.md, Names)");
                    }
                    HostsList hosts = listed ? new HostsList(zone, source) : null;
                    if (hosts != null) {
                        hosts.refresh();
                    }
                    return new Made(zone, device, server, chosen, hosts);
                });
    }

    private List<Resolver> candidates() {
        List<Resolver> all = List.of(new SystemdResolved(), new Unbound(), new Dnsmasq(tag));
        return mode == NameMode.AUTO
                ? all
                : all.stream().filter(each -> each.name().equals(mode.word())).toList();
    }

    /** The first that takes it and then really knows our own name. Blocks. */
    private @Nullable Resolver choose(List<Resolver> candidates, NameZone zone, String device, int ipv4) {
        for (Resolver each : candidates) {
            if (each.isHere()) {
                try {
                    each.add(zone, device, Addresses.text4(ipv4));
                    // The reverse name of our own address: the forward one may be another member's.
                    Commands.run(List.of("getent", "hosts", Addresses.text4(ipv4)));
                    return each;
                } catch (IOException refused) {
                    takeBack(each, zone, device);
                }
            }
        }
        return null;
    }

    private static void takeBack(Resolver resolver, NameZone zone, String device) {
        try {
            resolver.remove(zone, device);
        } catch (IOException gone) {
            // It does not run any more, or has forgotten by itself: there is nothing left to take back.
            return;
        }
    }

    /**
     * True if the hosts file is that of this network namespace, and not of the whole machine around it: another network
     * than that of process 1 has one of its own only if it is mounted there. Blocks.
     */
    private static boolean isHostsFileOurs() {
        try {
            return isMounted() || isNetworkOfTheMachine();
        } catch (IOException unknown) {
            return false;
        }
    }

    private static boolean isMounted() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1).stream()
                .anyMatch(line -> line.contains(" " + HOSTS + " "));
    }

    private static boolean isNetworkOfTheMachine() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/net"))
                .equals(Files.readSymbolicLink(Path.of("/proc/1/ns/net")));
    }

    private static boolean mayAsk(NameZone zone, NameSource source, byte[] address) {
        ByteBuffer bytes = ByteBuffer.wrap(address);
        boolean inside = address.length == Integer.BYTES || (bytes.getLong() == zone.ulaHigh() && bytes.getInt() == 0);
        return inside && source.mayAsk(bytes.getInt());
    }

    private static List<InetAddress> addresses(NameZone zone, int ipv4) {
        try {
            return List.of(
                    InetAddress.getByName(Addresses.text4(ipv4)),
                    InetAddress.getByName(Addresses.text6(zone.ulaHigh(), ipv4)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private String hostsTag(NameZone zone) {
        return zone.namespace() + " " + tag;
    }

    /** Our lines in the hosts file, kept true as members come and go. */
    private final class HostsList {
        /** Whoever says often that it has come does not have us look more often. */
        private static final long SOON_NANOS = 3_000_000_000L;
        /** For each member that there is: the walk asks all of them. */
        private static final long EACH_NANOS = 100_000_000L;
        /** Members that were killed say nothing. */
        private static final long LATER_NANOS = 600_000_000_000L;

        private final NameZone zone;
        private final NameSource source;
        private List<String> written = List.of();
        private Timers.@Nullable Timer timer;
        private long dueNanos;
        private boolean closed;
        private boolean refused;

        HostsList(NameZone zone, NameSource source) {
            this.zone = zone;
            this.source = source;
            source.onChanged(() -> refreshIn(SOON_NANOS + written.size() * EACH_NANOS));
        }

        /** Looks after that time, or earlier if that was said before. */
        private void refreshIn(long delayNanos) {
            long at = runtime.clock().nanoTime() + delayNanos;
            if (closed || (timer != null && dueNanos - at <= 0)) {
                return;
            }
            if (timer != null) {
                timer.cancel();
            }
            dueNanos = at;
            timer = runtime.timers().schedule(delayNanos, this::refresh);
        }

        void refresh() {
            timer = null;
            Completions.whenDone(runtime.timers(), source.entries(), (entries, failure) -> {
                if (closed) {
                    return;
                }
                if (failure == null) {
                    write(lines(entries));
                }
                refreshIn(failure == null ? LATER_NANOS : SOON_NANOS);
            });
        }

        private List<String> lines(List<NameSource.Entry> entries) {
            List<String> lines = new ArrayList<>();
            for (NameSource.Entry each : entries) {
                String name = zone.fullName(each.hostName());
                lines.add(Addresses.text4(each.ipv4()) + " " + name);
                lines.add(Addresses.text6(zone.ulaHigh(), each.ipv4()) + " " + name);
            }
            lines.sort(null);
            return lines;
        }

        private void write(List<String> lines) {
            if (lines.equals(written)) {
                return;
            }
            written = lines;
            Completions.whenDone(
                    runtime.timers(),
                    runtime.blocking().call(() -> {
                        new MarkedBlock(HOSTS, hostsTag(zone)).write(lines);
                        return true;
                    }),
                    (done, failure) -> {
                        if (failure != null && !refused) {
                            refused = true;
                            onNotice.accept("names in " + zone.domain() + " cannot be written to " + HOSTS + " ("
                                    + failure.getMessage() + "): ask for them at the device's address");
                        }
                    });
        }

        CompletableFuture<?> close() {
            closed = true;
            if (timer != null) {
                timer.cancel();
            }
            return runtime.blocking().call(() -> {
                new MarkedBlock(HOSTS, hostsTag(zone)).write(List.of());
                return true;
            });
        }
    }

    /** What was set up. */
    private final class Made implements Offer {
        private final NameZone zone;
        private final String device;
        private final @Nullable DnsServer server;
        private final @Nullable Resolver resolver;
        private final @Nullable HostsList hosts;

        Made(
                NameZone zone,
                String device,
                @Nullable DnsServer server,
                @Nullable Resolver resolver,
                @Nullable HostsList hosts) {
            this.zone = zone;
            this.device = device;
            this.server = server;
            this.resolver = resolver;
            this.hosts = hosts;
        }

        @Override
        public String how() {
            return resolver != null ? resolver.name() : hosts != null ? "hosts" : "server";
        }

        @Override
        public CompletableFuture<?> withdraw() {
            if (server != null) {
                server.close();
            }
            CompletableFuture<?> listed = hosts == null ? CompletableFuture.completedFuture(null) : hosts.close();
            CompletableFuture<?> told = resolver == null
                    ? CompletableFuture.completedFuture(null)
                    : runtime.blocking().call(() -> {
                        takeBack(resolver, zone, device);
                        return true;
                    });
            return CompletableFuture.allOf(listed, told).exceptionally(failure -> null);
        }
    }
}
