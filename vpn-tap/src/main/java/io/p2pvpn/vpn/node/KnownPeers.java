package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.overlay.session.Session;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The peers of last time: ways back into the public ring that outlive every bootstrap node. Kept as lines of
 * {@code ID host port}. Confined to the node's loop.
 */
final class KnownPeers {
    /** Peers that are kept. */
    static final int PEERS_MAX = 16;

    /** The file in the state directory. */
    static final String NAME = "peers";

    private static final int FIELDS = 3;

    private final Store store;
    private List<String> written = List.of();
    private @Nullable String refusal;

    KnownPeers(Store store) {
        this.store = store;
    }

    /** Those of last time; lines that are damaged are left out. */
    List<BootstrapTarget> read() {
        byte[] bytes = store.read(NAME);
        List<BootstrapTarget> peers = new ArrayList<>();
        String text = bytes == null ? "" : new String(bytes, StandardCharsets.US_ASCII);
        for (String line : text.lines().limit(PEERS_MAX).toList()) {
            String[] fields = line.split(" ", FIELDS);
            OverlayId id = OverlayId.parseOrNull(fields[0]);
            boolean sound = id != null && fields.length == FIELDS && fields[2].matches("[1-9][0-9]{0,4}");
            if (sound && Integer.parseInt(fields[2]) <= 65_535) {
                peers.add(new BootstrapTarget(fields[1], Integer.parseInt(fields[2]), id));
            }
        }
        return peers;
    }

    /** Keeps the peers that are reached directly now, if they are others than before. */
    void keep(Collection<Session> sessions) {
        List<String> lines = new ArrayList<>();
        for (Session session : sessions) {
            Path active = session.activePath();
            Endpoint endpoint = active == null ? null : active.route().endpoint();
            if (endpoint != null && endpoint.kind() == Endpoint.Kind.UDP && lines.size() < PEERS_MAX) {
                lines.add(session.nodeId() + " " + endpoint.address().getHostAddress() + " " + endpoint.port());
            }
        }
        if (!lines.isEmpty() && !lines.equals(written)) {
            written = lines;
            var unused = store.write(NAME, String.join("\n", lines).getBytes(StandardCharsets.US_ASCII))
                    .handle((done, failure) -> {
                        refusal = failure == null ? null : String.valueOf(reason(failure));
                        written = failure == null ? written : List.of();
                        return null;
                    });
        }
    }

    private static @Nullable String reason(Throwable failure) {
        return failure.getCause() == null
                ? failure.getMessage()
                : failure.getCause().getMessage();
    }

    /** Why the state directory could not be written the last time that it was tried; null if it could. */
    @Nullable
    String refusal() {
        return refusal;
    }
}
