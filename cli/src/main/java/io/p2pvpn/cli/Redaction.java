package io.p2pvpn.cli;

import io.netty.util.NetUtil;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes out of a text what is nobody else's business. Not thread-safe. */
final class Redaction {
    /** Invites, keys, requests and certificates as words; passwords in addresses; what is said to be a secret. */
    private static final Pattern SECRET = Pattern.compile("p2p[a-z]{1,2}1-[A-Za-z0-9_+/=-]+|(?<=://)[^/@\\s\"]+(?=@)"
            + "|(?i)(?<=(?:password|passphrase|secret|token|invite)[\"']?\\s{0,4}[=:]\\s{0,4})[\"']?[^\\s\"',}]+");

    /** IPv4 addresses, and what may be an IPv6 address. */
    private static final Pattern ADDRESS =
            Pattern.compile("\\b(?:[0-9]{1,3}\\.){3}[0-9]{1,3}\\b|(?<![\\w:.])[0-9A-Fa-f:]{3,39}(?![\\w:])");

    private final boolean hideAddresses;
    private final Map<String, String> addresses = new TreeMap<>();

    /** @param hideAddresses whether IP addresses become numbers, the same one for the same address */
    Redaction(boolean hideAddresses) {
        this.hideAddresses = hideAddresses;
    }

    /** The text without what is secret. */
    String of(String text) {
        String safe = SECRET.matcher(text).replaceAll("(removed)");
        return hideAddresses ? ADDRESS.matcher(safe).replaceAll(this::number) : safe;
    }

    private String number(MatchResult found) {
        String address = found.group();
        if (!NetUtil.isValidIpV4Address(address) && !NetUtil.isValidIpV6Address(address)) {
            return Matcher.quoteReplacement(address);
        }
        return Matcher.quoteReplacement(
                addresses.computeIfAbsent(address, unused -> "address-" + (addresses.size() + 1)));
    }
}
