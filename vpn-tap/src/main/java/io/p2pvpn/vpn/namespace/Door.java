package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.List;

/**
 * A member that takes join requests.
 *
 * @param namespaceId the namespace it stands for
 * @param identity its keys
 * @param endpoints where it can be tried
 */
record Door(OverlayId namespaceId, PublicIdentity identity, List<Endpoint> endpoints) {}
