package io.p2pvpn.cli.node;

import io.p2pvpn.overlay.host.HostException;
import io.p2pvpn.overlay.host.Passphrase;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import io.p2pvpn.vpn.node.VpnNode;
import io.p2pvpn.vpn.node.VpnNodeBuilder;
import io.p2pvpn.vpn.node.VpnNodeListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Starts the real node. */
public final class VpnNodeLauncher implements NodeLauncher {
    @Override
    public RunningNode start(NodeOptions options, NodeListener listener) throws ControlException {
        VpnNodeBuilder builder = builder(options)
                .stateDirectory(options.stateDirectory())
                .controlSocket(options.socket())
                .portMapping(options.portMapping())
                .names(options.names())
                .log(new LogbackLevels())
                .streams(options.streams())
                .listener(new Told(listener));
        options.listen().forEach(address -> builder.listen(address.toString()));
        if (options.passphraseFile() != null) {
            builder.passphrase(passphrase(options, options.passphraseFile()));
        }
        if (!options.lanDiscovery()) {
            builder.withoutLanDiscovery();
        }
        Integer punchRate = options.punchPacketsPerSecond();
        if (punchRate != null) {
            builder.punchRate(punchRate);
        }
        Integer queues = options.queues();
        if (queues != null) {
            builder.queues(queues);
        }
        if (options.join() != null) {
            builder.join(options.join());
        }
        return new Running(builder.build().start());
    }

    private static Passphrase passphrase(NodeOptions options, Path file) throws ControlException {
        String source = options.isPassphraseFromInput() ? "standard input" : file.toString();
        try (InputStream in = options.isPassphraseFromInput() ? System.in : Files.newInputStream(file)) {
            return Passphrase.firstLine(in);
        } catch (NoSuchFileException missing) {
            throw unusable(
                    "there is no file " + source + ": --passphrase-file names the one with the passphrase", missing);
        } catch (AccessDeniedException denied) {
            throw unusable(source + " with the passphrase may not be read by this user", denied);
        } catch (IOException | HostException wrong) {
            throw unusable("cannot take the passphrase from " + source + ": " + wrong.getMessage(), wrong);
        }
    }

    private static ControlException unusable(String message, Exception cause) {
        return new ControlException(ControlException.Kind.FAILED, message, cause);
    }

    /** With what can be changed later, too. */
    private static VpnNodeBuilder builder(NodeOptions options) {
        VpnNodeBuilder builder = VpnNode.builder().interfaces(options.interfaces());
        options.bootstraps().forEach(address -> builder.bootstrap(address.toString()));
        Integer relayMegabits = options.relayMegabits();
        if (relayMegabits != null && relayMegabits == 0) {
            return builder.withoutRelaying();
        }
        return relayMegabits == null ? builder : builder.relayLimit(relayMegabits);
    }

    private record Told(NodeListener listener) implements VpnNodeListener {
        @Override
        public void onNodeState(NodeState state) {
            listener.onNodeState(state);
        }

        @Override
        public void onNamespace(NamespaceStatus namespace) {
            listener.onNamespace(namespace);
        }

        @Override
        public void onNotice(String line) {
            listener.onNotice(line);
        }

        @Override
        public void onFailed(String namespace, ControlException reason) {
            listener.onNotice(namespace + ": " + reason.getMessage());
        }
    }

    private record Running(VpnNode node) implements RunningNode {
        @Override
        public CompletableFuture<@Nullable Void> joined() {
            return node.joined();
        }

        @Override
        public CompletableFuture<@Nullable Void> responds() {
            return node.responds();
        }

        @Override
        public boolean isFirstJoin() {
            return node.isFirstJoin();
        }

        @Override
        public void change(NodeOptions options) {
            node.change(builder(options));
        }

        @Override
        public void stop() {
            node.stop();
        }

        @Override
        public CompletableFuture<Integer> exited() {
            return node.exited();
        }
    }
}
