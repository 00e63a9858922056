package io.p2pvpn.vpn.names;

import io.p2pvpn.vpn.trust.Names;
import io.p2pvpn.vpn.tun.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The part of the domain name system that a namespace answers for: {@code HOST.NAMESPACE.p2pvpn.internal}, and the
 * reverse names of its addresses (RFC 1035 section 3.5, RFC 3596 section 2.5). {@code internal} is the top level that
 * is reserved for private use.
 *
 * @param namespace its name, as people write it
 * @param prefix IPv4 range of its members
 * @param ulaHigh upper half of its members' IPv6 addresses, whose lower half is the IPv4 address
 */
public record NameZone(String namespace, Cidr prefix, long ulaHigh) {
    private static final String PARENT = ".p2pvpn.internal";
    private static final String REVERSE_4 = ".in-addr.arpa";
    private static final String REVERSE_6 = ".ip6.arpa";
    private static final int NIBBLES = 32;
    private static final Pattern OCTET = Pattern.compile("0|[1-9][0-9]{0,2}");
    private static final Pattern NIBBLE = Pattern.compile("[0-9a-f]");
    /** Of a host's name; a namespace's name may have dots as well. */
    private static final int NAME_CHARS_MAX = 255;

    /** What a domain name stands for. */
    sealed interface Meaning {
        /** A member's name, which nobody need have. */
        record Host(String hostName) implements Meaning {}

        /** An address of the namespace, which nobody need hold. */
        record Address(int ipv4) implements Meaning {}

        /** All who offer a service. */
        record Service(ServiceType type) implements Meaning {}

        /** One member's service. */
        record Instance(ServiceType type, String hostName) implements Meaning {}

        /** The zone itself, or a name inside that has others below it and no records of its own. */
        record Branch() implements Meaning {}

        /** A name of ours that cannot be. */
        record Nothing() implements Meaning {}

        /** Somebody else's name. */
        record Elsewhere() implements Meaning {}
    }

    /** The domain of the members' names, without a final dot, lower case. */
    public String domain() {
        return domain(namespace);
    }

    /** The domain of the names of a namespace's members, without a final dot, lower case. */
    public static String domain(String namespace) {
        return namespace.toLowerCase(Locale.ROOT) + PARENT;
    }

    /** A member's full name, without a final dot, lower case. */
    public String fullName(String hostName) {
        return hostName.toLowerCase(Locale.ROOT) + "." + domain();
    }

    /**
     * The domains of the reverse names, without final dots: one for IPv6, and for IPv4 one, or as many as it takes
     * (128 at most) where the prefix does not end with an octet.
     */
    public List<String> reverseDomains() {
        List<String> domains = new ArrayList<>();
        int octets = (prefix.prefixLength() + 7) / 8;
        byte[] address = prefix.addressBytes();
        int count = 1 << (8 * octets - prefix.prefixLength());
        for (int i = 0; i < count; i++) {
            StringBuilder name = new StringBuilder();
            for (int k = octets - 1; k >= 0; k--) {
                name.append((address[k] & 0xff) + (k == octets - 1 ? i : 0)).append('.');
            }
            domains.add(name + REVERSE_4.substring(1));
        }
        StringBuilder nibbles = new StringBuilder();
        for (int i = 0; i < NIBBLES / 2; i++) {
            nibbles.append(Character.forDigit((int) (ulaHigh >>> (4 * i)) & 0xf, 16))
                    .append('.');
        }
        domains.add(nibbles + REVERSE_6.substring(1));
        return domains;
    }

    /** The reverse name of an address, without a final dot. */
    public static String reverseName(int ipv4) {
        return (ipv4 & 0xff) + "." + (ipv4 >>> 8 & 0xff) + "." + (ipv4 >>> 16 & 0xff) + "." + (ipv4 >>> 24) + REVERSE_4;
    }

    /** What a domain name stands for here, with or without its final dot, in any case. */
    Meaning meaning(String domainName) {
        if (domainName.length() > NAME_CHARS_MAX) {
            return new Meaning.Nothing();
        }
        String name = domainName.toLowerCase(Locale.ROOT);
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        String domain = domain();
        if (name.equals(domain)) {
            return new Meaning.Branch();
        }
        if (name.endsWith("." + domain)) {
            return inside(name.substring(0, name.length() - domain.length() - 1));
        }
        if (name.endsWith(REVERSE_4)) {
            return reverse4(name.substring(0, name.length() - REVERSE_4.length()));
        }
        return name.endsWith(REVERSE_6)
                ? reverse6(name.substring(0, name.length() - REVERSE_6.length()))
                : new Meaning.Elsewhere();
    }

    private static Meaning inside(String relative) {
        String[] labels = relative.split("\\.", -1);
        int last = labels.length - 1;
        if (labels[last].equals("_tcp") || labels[last].equals("_udp")) {
            ServiceType type = last == 0 ? null : ServiceType.ofLabels(labels[last - 1], labels[last]);
            if (type == null) {
                return last == 0 ? new Meaning.Branch() : new Meaning.Nothing();
            }
            if (last == 1) {
                return new Meaning.Service(type);
            }
            String hostName =
                    relative.substring(0, relative.length() - type.labels().length() - 1);
            return Names.isName(hostName) ? new Meaning.Instance(type, hostName) : new Meaning.Nothing();
        }
        return Names.isName(relative) ? new Meaning.Host(relative) : new Meaning.Nothing();
    }

    private Meaning reverse4(String reversed) {
        String[] octets = reversed.split("\\.", -1);
        if (octets.length > 4) {
            return new Meaning.Elsewhere();
        }
        int address = 0;
        for (int i = octets.length - 1; i >= 0; i--) {
            int octet = OCTET.matcher(octets[i]).matches() ? Integer.parseInt(octets[i]) : 256;
            if (octet > 255) {
                return new Meaning.Elsewhere();
            }
            address = address << 8 | octet;
        }
        int known = 8 * octets.length;
        address <<= 32 - known;
        if (!prefix.contains4(address)) {
            return new Meaning.Elsewhere();
        }
        if (known == 32) {
            return new Meaning.Address(address);
        }
        return known >= prefix.prefixLength() ? new Meaning.Branch() : new Meaning.Elsewhere();
    }

    private Meaning reverse6(String reversed) {
        String[] nibbles = reversed.split("\\.", -1);
        if (nibbles.length > NIBBLES || nibbles.length < NIBBLES / 2) {
            return new Meaning.Elsewhere();
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < nibbles.length; i++) {
            if (!NIBBLE.matcher(nibbles[nibbles.length - 1 - i]).matches()) {
                return new Meaning.Elsewhere();
            }
            int nibble = Character.digit(nibbles[nibbles.length - 1 - i].charAt(0), 16);
            if (i < NIBBLES / 2) {
                high = high << 4 | nibble;
            } else {
                low = low << 4 | nibble;
            }
        }
        if (high != ulaHigh) {
            return new Meaning.Elsewhere();
        }
        if (nibbles.length < NIBBLES) {
            return new Meaning.Branch();
        }
        boolean isMembers = low >>> 32 == 0 && prefix.contains4((int) low);
        return isMembers ? new Meaning.Address((int) low) : new Meaning.Nothing();
    }

    /** The zone that a name of ours lies in, for the SOA record of an answer that there is nothing. */
    String zoneOf(String domainName) {
        String name = domainName.toLowerCase(Locale.ROOT);
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        for (String reverse : reverseDomains()) {
            if (isWithin(name, reverse)) {
                return reverse;
            }
        }
        return domain();
    }

    private static boolean isWithin(String name, String domain) {
        return name.equals(domain) || name.endsWith("." + domain);
    }
}
