package io.p2pvpn.vpn.rules;

import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.trust.Names;
import io.p2pvpn.vpn.trust.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the text of a {@link RuleSet}, line by line. */
final class RuleParser {
    private static final int SHOWN_CHARS_MAX = 40;
    private static final int PORT_DIGITS_MAX = 5;

    private final String line;
    private final int number;
    private int at;

    private RuleParser(String line, int number) {
        int comment = line.indexOf('#');
        this.line = comment < 0 ? line : line.substring(0, comment);
        this.number = number;
    }

    static RuleSet parse(String text) {
        checkLength("the text", text.length());
        Boolean allowingByDefault = null;
        List<Rule> rules = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            RuleParser parser = new RuleParser(line, ++number);
            if (parser.isAtEnd()) {
                continue;
            }
            String verb = parser.word();
            if (verb.equals("default")) {
                if (allowingByDefault != null) {
                    throw parser.wrong("a second default: leave one");
                }
                allowingByDefault = parser.defaultVerdict();
            } else {
                if (rules.size() == RuleSet.RULES_MAX) {
                    throw parser.wrong("more than " + RuleSet.RULES_MAX + " rules: put names or ports into lists");
                }
                rules.add(parser.rule(verb));
            }
            parser.end();
        }
        if (allowingByDefault == null) {
            throw new IllegalArgumentException("no default: add a line 'default deny' or 'default allow'");
        }
        RuleSet set = new RuleSet(allowingByDefault, rules);
        checkLength("the canonical text", set.toString().length());
        return set;
    }

    private static void checkLength(String what, int chars) {
        if (chars > RuleSet.TEXT_CHARS_MAX) {
            throw new IllegalArgumentException(
                    what + " has " + chars + " characters: at most " + RuleSet.TEXT_CHARS_MAX + " are allowed");
        }
    }

    private boolean defaultVerdict() {
        skipSpaces();
        String verdict = word();
        if (!verdict.equals("allow") && !verdict.equals("deny")) {
            throw wrong("the default is " + shown(verdict) + ": write 'default allow' or 'default deny'");
        }
        return verdict.equals("allow");
    }

    private Rule rule(String verb) {
        if (!verb.equals("allow") && !verb.equals("deny")) {
            throw wrong("a line begins with " + shown(verb) + ": write 'allow', 'deny' or 'default'");
        }
        List<PartyPattern> from = parties();
        skipSpaces();
        if (!line.startsWith("->", at)) {
            throw wrong("there is " + rest() + " where '->' must be: write 'FROM -> TO'");
        }
        at += 2;
        List<PartyPattern> to = parties();
        return new Rule(verb.equals("allow"), from, to, take(':') ? services() : List.of(Service.ANY));
    }

    private List<PartyPattern> parties() {
        List<PartyPattern> parties = new ArrayList<>();
        do {
            checkRoom(parties);
            parties.add(party());
        } while (take(','));
        return List.copyOf(parties);
    }

    private PartyPattern party() {
        if (isAtEnd()) {
            throw wrong("the line ends where a member must be: write a name, NAME*, role:ROLE or *");
        }
        String word = word();
        if (word.equals("role") && at + 1 < line.length() && line.charAt(at) == ':' && isOfWord(at + 1)) {
            at++;
            String roleWord = word();
            Role role = Role.ofWord(roleWord);
            if (role == null) {
                throw wrong(shown(roleWord) + " is no role: use admin, member, gateway or relay");
            }
            return new PartyPattern(role, "", false);
        }
        boolean prefix = word.endsWith("*");
        String name = prefix ? word.substring(0, word.length() - 1) : word;
        if (!Names.isName(name) && !word.equals("*")) {
            throw wrong(shown(word.isEmpty() ? line.substring(at) : word)
                    + " is no member: write a name of letters, digits, '.', '-' and '_', NAME*, role:ROLE or *");
        }
        return new PartyPattern(null, name.toLowerCase(Locale.ROOT), prefix);
    }

    private List<Service> services() {
        List<Service> services = new ArrayList<>();
        Service before = null;
        do {
            checkRoom(services);
            before = service(before);
            services.add(before);
        } while (take(','));
        return List.copyOf(services);
    }

    private Service service(@Nullable Service before) {
        skipSpaces();
        String word = word();
        if (take('/')) {
            if (!word.equals("tcp") && !word.equals("udp")) {
                throw wrong(shown(word) + " is no protocol with ports: use tcp/PORT or udp/PORT");
            }
            skipSpaces();
            return ports(word.equals("tcp") ? IpPacket.PROTOCOL_TCP : IpPacket.PROTOCOL_UDP, word());
        }
        if (word.equals("*")) {
            return Service.ANY;
        }
        if (word.equals("icmp")) {
            return Service.ICMP;
        }
        if (word.equals("tcp") || word.equals("udp")) {
            throw wrong("'" + word + "' has no ports: write " + word + "/PORT, or " + word + "/* for all");
        }
        if (word.isEmpty() || !isDigit(word.charAt(0))) {
            throw wrong(shown(word.isEmpty() ? line.substring(at) : word)
                    + " is no service: use tcp/PORT, udp/PORT, tcp/FIRST-LAST, icmp or *");
        }
        if (before == null || before.equals(Service.ICMP) || before.equals(Service.ANY)) {
            throw wrong("port " + shown(word) + " has no protocol: write tcp/PORT or udp/PORT");
        }
        return ports(before.protocol(), word);
    }

    private Service ports(int protocol, String word) {
        if (word.equals("*")) {
            return new Service(protocol, 0, Service.PORT_MAX);
        }
        int dash = word.indexOf('-');
        int first = port(dash < 0 ? word : word.substring(0, dash));
        int last = dash < 0 ? first : port(word.substring(dash + 1));
        if (first < 1 || last < first) {
            throw wrong(shown(word) + " are no ports: use 1 to 65535, FIRST-LAST or *");
        }
        return new Service(protocol, first, last);
    }

    /** 1 to 65535, or 0 if the text is none of them. */
    private static int port(String text) {
        if (text.isEmpty() || text.length() > PORT_DIGITS_MAX || !text.chars().allMatch(c -> isDigit((char) c))) {
            return 0;
        }
        int port = Integer.parseInt(text);
        return port <= Service.PORT_MAX ? port : 0;
    }

    private void checkRoom(List<?> list) {
        if (list.size() == RuleSet.ITEMS_MAX) {
            throw wrong("a list of more than " + RuleSet.ITEMS_MAX + " items: write several rules");
        }
    }

    private void end() {
        if (!isAtEnd()) {
            throw wrong("there is " + rest() + " where the line must end: separate items by ',', services by ':'");
        }
    }

    // ------------------------------------------------------------------------ scanning

    private void skipSpaces() {
        while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
            at++;
        }
    }

    private boolean isAtEnd() {
        skipSpaces();
        return at == line.length();
    }

    private boolean take(char symbol) {
        boolean there = !isAtEnd() && line.charAt(at) == symbol;
        at += there ? 1 : 0;
        return there;
    }

    /** The characters of names, numbers and '*' from here on, perhaps none; "->" ends them. */
    private String word() {
        int start = at;
        while (isOfWord(at)) {
            at++;
        }
        return line.substring(start, at);
    }

    private boolean isOfWord(int index) {
        if (index >= line.length()) {
            return false;
        }
        char c = line.charAt(index);
        return isDigit(c)
                || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '.'
                || c == '_'
                || c == '*'
                || (c == '-' && !line.startsWith("->", index));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    // -------------------------------------------------------------------------- errors

    private String rest() {
        return at == line.length() ? "nothing" : shown(line.substring(at));
    }

    private static String shown(String text) {
        String cut = text.strip();
        StringBuilder shown = new StringBuilder("'");
        for (int i = 0; i < Math.min(cut.length(), SHOWN_CHARS_MAX); i++) {
            char c = cut.charAt(i);
            shown.append(c < ' ' || c > '~' ? '?' : c);
        }
        return shown.append(cut.length() > SHOWN_CHARS_MAX ? "...'" : "'").toString();
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("line " + number + ": " + what);
    }
}
