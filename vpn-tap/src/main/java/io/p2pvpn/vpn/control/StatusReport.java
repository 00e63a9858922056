package io.p2pvpn.vpn.control;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn status}.
 *
 * @param version of the program
 * @param overlayId in the public ring, 40 lower-case hex digits
 * @param state of the node as a whole
 * @param uptimeSeconds since the daemon started
 * @param endpoints where the node can be reached, as far as it knows
 * @param nat how the NAT in front of it behaves
 * @param ring the public ring as this node sees it
 * @param namespaces one entry each, in the order they were joined
 * @param health what is wrong and what to do; empty when nothing is
 */
public record StatusReport(
        String version,
        String overlayId,
        NodeState state,
        long uptimeSeconds,
        List<EndpointStatus> endpoints,
        NatStatus nat,
        RingStatus ring,
        List<NamespaceStatus> namespaces,
        List<Health> health) {
    /** How far the node has come; the wire words are the names in lower case. */
    public enum NodeState {
        /** Sockets and state are being opened. */
        STARTING,
        /** Not in the public ring yet. */
        CONNECTING,
        /** In the public ring. */
        ONLINE,
        /** Was in the ring and reaches nobody now. */
        OFFLINE;

        /** The word in the document. */
        @JsonValue
        public String word() {
            return StatusReport.word(this);
        }
    }

    /** How far a membership has come; the wire words are the names in lower case with dashes. */
    public enum NamespaceState {
        /** Nobody holds the name; it is being founded. */
        FOUNDING,
        /** Members are known, admission and address are under way. */
        JOINING,
        /** An administrator has to approve the request. */
        WAITING_APPROVAL,
        /** Member, with an address. */
        JOINED,
        /** The admission was taken back. */
        REVOKED,
        /** The certificate ran out. */
        EXPIRED;

        /** The word in the document. */
        @JsonValue
        public String word() {
            return StatusReport.word(this);
        }
    }

    /** How bad a {@link Health} entry is. */
    public enum Severity {
        /** Worth knowing. */
        INFO,
        /** Works, though not well. */
        WARNING,
        /** Does not work. */
        ERROR;

        /** The word in the document. */
        @JsonValue
        public String word() {
            return StatusReport.word(this);
        }
    }

    /**
     * One endpoint of the node.
     *
     * @param uri for example {@code udp://192.0.2.7:40000}
     * @param kind {@code local}, {@code observed}, {@code predicted} or {@code mapped}
     */
    public record EndpointStatus(String uri, String kind) {}

    /**
     * The NAT in front of the node, in the words of RFC 4787.
     *
     * @param mapping {@code endpoint-independent}, {@code address-dependent}, {@code address-and-port-dependent} or
     *     {@code unknown}
     * @param filtering the same words
     * @param hairpin whether a host behind it reaches another by its outside address
     * @param portMapping {@code none}, {@code pcp}, {@code nat-pmp} or {@code upnp}
     * @param udp whether UDP gets through at all
     */
    public record NatStatus(String mapping, String filtering, boolean hairpin, String portMapping, boolean udp) {
        /** Before anything was learnt: all unknown, and no evidence against UDP. */
        public static final NatStatus UNKNOWN = new NatStatus("unknown", "unknown", false, "none", true);

        /** The same, with that port mapping protocol. */
        public NatStatus withPortMapping(String protocol) {
            return new NatStatus(mapping, filtering, hairpin, protocol, udp);
        }
    }

    /**
     * A ring as this node sees it.
     *
     * @param size estimated number of members, this one included
     * @param successors overlay IDs, nearest first
     * @param predecessors overlay IDs, nearest first
     */
    public record RingStatus(int size, List<String> successors, List<String> predecessors) {
        /** Alone, or not in the ring yet. */
        public static final RingStatus EMPTY = new RingStatus(1, List.of(), List.of());
    }

    /**
     * One namespace.
     *
     * @param name as joined
     * @param id hash of its CA key, hex; null until it is known
     * @param overlayId in the namespace's ring; null until it is known
     * @param state of the membership
     * @param role {@code member}, {@code admin}, {@code gateway} or {@code relay}
     * @param virtualIp first IPv4 address; null until there is one
     * @param virtualIps all addresses with their prefix lengths
     * @param device name of the TUN device; null without one
     * @param mtu of the device, bytes; 0 without one
     * @param ring the namespace's ring
     * @param domain of the members' names
     * @param dns how programs of this host look names up there: {@code resolved}, {@code unbound}, {@code dnsmasq},
     *     {@code hosts}, {@code server} (only by asking the device's own address) or {@code off}; null if they cannot
     * @param fingerprint the code that an administrator compares before approving; null unless that is waited for
     * @param expires when the certificate ends, ISO 8601; null without one
     * @param ethernet of a TAP device; null for a TUN, or none
     */
    public record NamespaceStatus(
            String name,
            @Nullable String id,
            @Nullable String overlayId,
            NamespaceState state,
            String role,
            @Nullable String virtualIp,
            List<String> virtualIps,
            @Nullable String device,
            int mtu,
            RingStatus ring,
            String domain,
            @Nullable String dns,
            @Nullable String fingerprint,
            @Nullable String expires,
            @Nullable EthernetStatus ethernet) {}

    /**
     * The Ethernet of a TAP device.
     *
     * @param mac behind which all other members are
     * @param bridge that the device is a port of; null for none
     * @param quiet true while nothing goes in or out, because of a loop
     * @param guests machines behind the device that have an address
     */
    public record EthernetStatus(String mac, @Nullable String bridge, boolean quiet, List<GuestStatus> guests) {}

    /**
     * A machine behind a TAP device.
     *
     * @param name that it gives itself; empty if none
     */
    public record GuestStatus(String mac, String ip, String name) {}

    /**
     * Something that a person should know or mend.
     *
     * @param code stable, for scripts
     * @param severity how bad
     * @param text what is wrong and what to do
     */
    public record Health(String code, Severity severity, String text) {}

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
