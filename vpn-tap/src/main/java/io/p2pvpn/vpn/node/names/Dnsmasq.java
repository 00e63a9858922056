package io.p2pvpn.vpn.node.names;

import io.p2pvpn.vpn.names.NameZone;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A local dnsmasq, told by the file that it reads again on a signal ({@code servers-file}): what it has elsewhere takes
 * a restart, which is not ours to make.
 */
final class Dnsmasq implements Resolver {
    private static final Pattern SERVERS_FILE = Pattern.compile("\\s*servers-file\\s*=\\s*(\\S+)\\s*");
    private static final Pattern CONF_DIR = Pattern.compile("\\s*conf-dir\\s*=\\s*([^,\\s]+).*");
    private static final String CONFIG = "/etc/dnsmasq.conf";
    private static final int FILES_MAX = 256;

    private final String tag;

    /** @param tag of our lines, the same each time that this node runs */
    Dnsmasq(String tag) {
        this.tag = tag;
    }

    @Override
    public String name() {
        return "dnsmasq";
    }

    @Override
    public boolean isHere() {
        LocalProcess process = LocalProcess.find("dnsmasq");
        return process != null && serversFile(process) != null;
    }

    @Override
    public void add(NameZone zone, String device, String address) throws IOException {
        // It ignores servers at its own port of an address of this host, for fear of asking itself.
        String server = address + "#" + DnsServer.OTHER_PORT;
        List<String> lines = new ArrayList<>();
        lines.add("server=/" + zone.domain() + "/" + server);
        zone.reverseDomains().forEach(domain -> lines.add("server=/" + domain + "/" + server + " # p2pvpn"));
        write(zone, lines);
    }

    @Override
    public void remove(NameZone zone, String device) throws IOException {
        write(zone, List.of());
    }

    private void write(NameZone zone, List<String> lines) throws IOException {
        LocalProcess process = LocalProcess.find("dnsmasq");
        Path file = process == null ? null : serversFile(process);
        if (process == null || file == null) {
            throw new IOException("dnsmasq does not run here, or has no servers-file");
        }
        new MarkedBlock(file, zone.namespace() + " " + tag).write(lines);
        Commands.run(List.of("kill", "-HUP", String.valueOf(process.pid())));
    }

    private static @Nullable Path serversFile(LocalProcess process) {
        String named = process.option("--servers-file", "--servers-file");
        if (named != null) {
            return Path.of(named);
        }
        List<Path> files = new ArrayList<>();
        String config = process.option("-C", "--conf-file");
        files.add(Path.of(config == null ? CONFIG : config));
        String directory = process.option("-7", "--conf-dir");
        if (directory != null) {
            files.addAll(in(directory.replaceFirst(",.*", "")));
        }
        for (int i = 0; i < files.size() && files.size() < FILES_MAX; i++) {
            for (String line : lines(files.get(i))) {
                Matcher servers = SERVERS_FILE.matcher(line);
                Matcher more = CONF_DIR.matcher(line);
                if (servers.matches()) {
                    return Path.of(servers.group(1));
                }
                if (more.matches()) {
                    files.addAll(in(more.group(1)));
                }
            }
        }
        return null;
    }

    private static List<Path> in(String directory) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of(directory))) {
            for (Path each : all) {
                if (Files.isRegularFile(each) && files.size() < FILES_MAX) {
                    files.add(each);
                }
            }
        } catch (IOException notThere) {
            return List.of();
        }
        return files;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
