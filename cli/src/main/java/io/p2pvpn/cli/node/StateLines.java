package io.p2pvpn.cli.node;

import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;

/** States in one line each, for the person who started the node. */
final class StateLines {
    private StateLines() {}

    static String of(NodeState state) {
        return switch (state) {
            case STARTING -> "starting";
            case CONNECTING -> "connecting to the public ring";
            case ONLINE -> "online: in the public ring";
            case OFFLINE -> "offline: no node answers; trying again and again";
        };
    }

    static String of(NamespaceStatus namespace) {
        String name = namespace.name();
        return switch (namespace.state()) {
            case FOUNDING -> name + ": nobody holds this namespace, founding it";
            case JOINING -> name + ": joining";
            case WAITING_APPROVAL ->
                name + ": waiting for approval; an administrator has to run: p2pvpn approve " + namespace.fingerprint();
            case JOINED ->
                name + ": joined as " + addresses(namespace)
                        + (namespace.device() == null ? "" : " on " + namespace.device());
            case REVOKED -> name + ": the membership was revoked; ask its administrator";
            case EXPIRED ->
                name + ": the certificate has expired; an administrator has to run: p2pvpn approve "
                        + (namespace.fingerprint() == null ? "(the code follows)" : namespace.fingerprint());
        };
    }

    private static String addresses(NamespaceStatus namespace) {
        return namespace.virtualIps().isEmpty() ? "(no address)" : String.join(" and ", namespace.virtualIps());
    }
}
