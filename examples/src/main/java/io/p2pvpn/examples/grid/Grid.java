package io.p2pvpn.examples.grid;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.node.VpnNamespace;
import io.p2pvpn.vpn.node.VpnNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The program:
 *
 * <pre>{@code
 * grid worker HOST:PORT NAME DIRECTORY           joins the grid and works until it is stopped
 * grid submit HOST:PORT DIRECTORY JOB FILE...    has the job (sha256 or wc) done on each file
 * }</pre>
 *
 * <p>{@code HOST:PORT} is any p2pvpn node, {@code DIRECTORY} where this one keeps what it is, so that it is the same
 * one the next time.
 */
public final class Grid {
    private static final String NAMESPACE = "grid";
    private static final long JOIN_SECONDS_MAX = 60;

    private Grid() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(run(Arrays.asList(arguments), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        String command = arguments.isEmpty() ? "" : arguments.get(0);
        try {
            if (command.equals("worker") && arguments.size() == 4) {
                return work(arguments.get(1), arguments.get(2), Path.of(arguments.get(3)), out);
            }
            if (command.equals("submit") && arguments.size() >= 5) {
                List<Path> files = arguments.subList(4, arguments.size()).stream()
                        .map(Path::of)
                        .toList();
                return submit(arguments.get(1), Path.of(arguments.get(2)), arguments.get(3), files, out, err);
            }
            err.println("usage: grid worker HOST:PORT NAME DIRECTORY | grid submit HOST:PORT DIRECTORY JOB FILE...");
            return 2;
        } catch (ControlException | IOException | ExecutionException | TimeoutException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            err.println("grid: " + cause.getMessage());
            return 1;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static VpnNode join(String entry, @Nullable String name, Path directory)
            throws ControlException, ExecutionException, TimeoutException, InterruptedException {
        var builder = VpnNode.builder()
                .bootstrap(entry)
                .namespace(NAMESPACE)
                .open()
                .withoutDevice()
                .stateDirectory(directory.resolve("node"));
        VpnNode node = (name == null ? builder : builder.hostName(name)).build().start();
        try {
            node.joined().get(JOIN_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException failed) {
            node.close();
            throw failed;
        }
        return node;
    }

    private static int work(String entry, String name, Path directory, PrintStream out)
            throws ControlException, IOException, ExecutionException, TimeoutException, InterruptedException {
        try (VpnNode node = join(entry, name, directory)) {
            VpnNamespace namespace = node.namespace(NAMESPACE);
            NamespaceStatus here = node.status()
                    .get(JOIN_SECONDS_MAX, TimeUnit.SECONDS)
                    .namespaces()
                    .get(0);
            new Worker(namespace, directory.resolve("files")).start(String.valueOf(here.virtualIp()));
            out.println(name + " works at " + here.virtualIp());
            return node.exited().get();
        }
    }

    private static int submit(
            String entry, Path directory, String job, List<Path> files, PrintStream out, PrintStream err)
            throws ControlException, IOException, ExecutionException, TimeoutException, InterruptedException {
        try (VpnNode node = join(entry, null, directory)) {
            Map<Path, String> results = new Submitter(node.namespace(NAMESPACE), err::println).run(job, files);
            results.forEach((file, result) -> out.println(result + "  " + file));
            return 0;
        }
    }
}
