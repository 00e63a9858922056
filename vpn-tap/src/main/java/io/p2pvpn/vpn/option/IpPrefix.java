package io.p2pvpn.vpn.option;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A network prefix whose host bits are zero.
 *
 * @param network first address
 * @param lengthBits number of leading bits that all its addresses share
 */
public record IpPrefix(IpAddress network, int lengthBits) {
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,3}");

    /** {@code ADDRESS/LENGTH}; an address with host bits set is refused with the prefix that was meant. */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !LENGTH.matcher(text.substring(slash + 1)).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a prefix, for example 10.128.0.0/16");
        }
        IpAddress address = IpAddress.parse(text.substring(0, slash));
        int lengthBits = Integer.parseInt(text.substring(slash + 1));
        if (lengthBits > address.address().getAddress().length * Byte.SIZE) {
            throw new IllegalArgumentException("prefix length " + lengthBits + " in '" + text + "' is too long");
        }
        IpAddress network = masked(address, lengthBits);
        if (!network.equals(address)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is an address inside a prefix: did you mean " + network + "/" + lengthBits + "?");
        }
        return new IpPrefix(network, lengthBits);
    }

    /** Whether the address lies inside. */
    public boolean contains(IpAddress address) {
        return address.isV4() == network.isV4() && masked(address, lengthBits).equals(network);
    }

    private static IpAddress masked(IpAddress address, int lengthBits) {
        byte[] bytes = address.address().getAddress();
        for (int index = 0; index < bytes.length; index++) {
            int kept = Math.max(0, Math.min(Byte.SIZE, lengthBits - index * Byte.SIZE));
            bytes[index] &= (byte) (0xff00 >> kept);
        }
        try {
            return new IpAddress(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException wrongLength) {
            throw new IllegalStateException(wrongLength);
        }
    }

    @Override
    public String toString() {
        return network + "/" + lengthBits;
    }
}
