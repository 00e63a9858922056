package io.p2pvpn.vpn.node.names;

import io.p2pvpn.vpn.names.NameZone;
import java.io.IOException;

/**
 * A resolver of this host that can be told who answers for a domain. {@code /etc/resolv.conf} is never written. All
 * methods block: never on the node's loop.
 */
interface Resolver {
    /** Its name, as the option {@code --dns} and status have it. */
    String name();

    /** True if it runs here, and takes what it is told. */
    boolean isHere();

    /**
     * Sends questions about a zone to the responder at an address.
     *
     * @param device of the namespace
     * @param address of the responder, in text form
     */
    void add(NameZone zone, String device, String address) throws IOException;

    /** Takes that back. */
    void remove(NameZone zone, String device) throws IOException;
}
