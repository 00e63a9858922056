package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.link.LinkTable;
import io.p2pvpn.overlay.rpc.SessionCalls;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.SessionLayer;
import java.util.List;

/** What rings share: the node's sessions, links and addresses. */
public interface RingHost {
    /** The environment. */
    NodeRuntime runtime();

    /** Our keys. */
    PublicIdentity identity();

    /** Identities that were verified before. */
    IdentityCache identities();

    /** All sessions. */
    SessionLayer sessions();

    /** All links. */
    LinkTable links();

    /** Requests to a session's peer. */
    SessionCalls calls();

    /** Where others can try to reach us, most promising first. */
    List<Endpoint> candidates();
}
