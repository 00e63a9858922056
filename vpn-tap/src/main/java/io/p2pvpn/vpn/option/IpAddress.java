package io.p2pvpn.vpn.option;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * An IPv4 or IPv6 address, checked without asking a resolver.
 *
 * @param address without a host name
 */
public record IpAddress(InetAddress address) {
    private static final Pattern V4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    /** An IPv4 or IPv6 address. */
    public static IpAddress parse(String text) {
        return text.indexOf(':') >= 0 ? parseV6(text) : parseV4(text);
    }

    /** An IPv6 address without brackets or scope. */
    static IpAddress parseV6(String text) {
        return literal(text, V6.matcher(text).matches() && text.indexOf(':') >= 0);
    }

    private static IpAddress parseV4(String text) {
        boolean valid = V4.matcher(text).matches();
        for (String part : valid ? text.split("\\.", -1) : new String[0]) {
            valid = valid && Integer.parseInt(part) <= 255;
        }
        return literal(text, valid);
    }

    private static IpAddress literal(String text, boolean looksRight) {
        // InetAddress would ask a resolver for what looks like an address and is none.
        byte[] bytes = looksRight ? NetUtil.createByteArrayFromIpAddressString(text) : null;
        if (bytes != null) {
            try {
                return new IpAddress(InetAddress.getByAddress(bytes));
            } catch (UnknownHostException wrongLength) {
                throw new IllegalStateException(wrongLength);
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not an IP address, for example 10.128.0.7");
    }

    /** Whether it is an IPv4 address. */
    public boolean isV4() {
        return address.getAddress().length == 4;
    }

    /** The address in text. */
    public String text() {
        return address.getHostAddress();
    }

    @Override
    public String toString() {
        return text();
    }
}
