package io.p2pvpn.vpn.node;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import org.jspecify.annotations.Nullable;

/** What a node tells whoever runs it. Called on the node's loop; must not block. */
public interface VpnNodeListener {
    /** The node as a whole changed its state. */
    default void onNodeState(NodeState state) {}

    /** A namespace changed its state, its address or its device. */
    default void onNamespace(NamespaceStatus namespace) {}

    /** A node has proven its keys to this one: a session begins. Named by its ID on the public ring, 40 hex digits. */
    default void onPeerUp(String overlayId) {}

    /** The session with that node is over. */
    default void onPeerDown(String overlayId, String reason) {}

    /**
     * Traffic with that node takes that path from now on: its first, or another than before.
     *
     * @param path {@code udp}, {@code tcp} or {@code tls} where it goes straight, else {@code relay} or {@code ring}
     */
    default void onPath(String overlayId, String path) {}

    /**
     * This node has another address in a namespace.
     *
     * @param virtualIp its IPv4 address; null when it has lost the one it had, or left
     */
    default void onLease(String namespace, @Nullable String virtualIp) {}

    /** One line that a person should read. */
    default void onNotice(String line) {}

    /** A namespace was lost for good, or one that was asked for later cannot be joined. */
    default void onFailed(String namespace, ControlException reason) {}
}
