package io.p2pvpn.vpn.control;

import java.util.List;

/**
 * The document of {@code p2pvpn services}.
 *
 * @param namespace of which
 * @param services that were asked for, by name of the member
 */
public record ServicesReport(String namespace, List<Service> services) {
    /**
     * A service of a member.
     *
     * @param service as {@code ssh/tcp}
     * @param name of the member
     * @param host its full name
     * @param port of the service
     */
    public record Service(String service, String name, String host, int port) {}
}
