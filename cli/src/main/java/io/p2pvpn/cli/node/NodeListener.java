package io.p2pvpn.cli.node;

import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;

/** What a node tells while it runs. Called on the node's loop; must not block. */
public interface NodeListener {
    /** The node as a whole changed its state. */
    void onNodeState(NodeState state);

    /** A namespace changed its state, its address or its device. */
    void onNamespace(NamespaceStatus namespace);

    /** One line that a person should read, for example the fingerprint of a namespace just founded. */
    void onNotice(String line);
}
