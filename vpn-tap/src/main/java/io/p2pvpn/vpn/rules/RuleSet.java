package io.p2pvpn.vpn.rules;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The access rules of a namespace: which flows may begin, by the members at both ends, protocol and destination port.
 * The first rule that matches decides, the default if none does. Immutable.
 *
 * <pre>
 *   # comment
 *   default allow|deny                            once, anywhere
 *   allow|deny FROM -&gt; TO [: SERVICES]            without SERVICES: everything
 *
 *   FROM, TO   comma list of *, NAME, NAME* (names that begin so), role:admin|member|gateway|relay
 *   SERVICES   comma list of tcp/PORT, udp/PORT, tcp/FIRST-LAST, tcp/*, icmp, *; a port alone goes on with the
 *              protocol before it: tcp/80,443,udp/53
 * </pre>
 *
 * <p>Names are compared without regard to case. {@code icmp} is ICMP and ICMPv6. Protocols without a name here are
 * matched by {@code *} only.
 */
public final class RuleSet {
    /** The most rules. */
    public static final int RULES_MAX = 256;
    /** The most characters of a text, and of its canonical form. */
    public static final int TEXT_CHARS_MAX = 8_192;
    /** The most items of one list. */
    public static final int ITEMS_MAX = 16;

    private final List<Rule> rules;
    /** What each rule says, in their order. */
    private final List<Decision> decisions = new ArrayList<>();

    private final Decision byDefault;
    private final String text;

    RuleSet(boolean allowingByDefault, List<Rule> rules) {
        this.rules = List.copyOf(rules);
        byDefault = new Decision(allowingByDefault, 0, allowingByDefault ? "default allow" : "default deny");
        StringBuilder canonical = new StringBuilder(byDefault.text()).append('\n');
        for (Rule rule : rules) {
            Decision decision = new Decision(rule.allowing(), decisions.size() + 1, rule.toString());
            decisions.add(decision);
            canonical.append(decision.text()).append('\n');
        }
        text = canonical.toString();
    }

    /**
     * Reads rules.
     *
     * @throws IllegalArgumentException if the text is wrong; the message, one line, says where, what and how to mend it
     */
    public static RuleSet parse(String text) {
        return RuleParser.parse(text);
    }

    /** How many rules there are, the default not counted. */
    public int size() {
        return rules.size();
    }

    /**
     * Whether a flow may begin, and why.
     *
     * @param from who sends the first packet
     * @param to who receives it
     * @param protocol IP protocol number
     * @param destinationPort of TCP and UDP; of no matter for others
     */
    public Decision decide(Party from, Party to, int protocol, int destinationPort) {
        return between(from, to).decide(protocol, destinationPort);
    }

    /** What the rules come to for flows that one member begins to another. */
    public MemberRules between(Party from, Party to) {
        List<MemberRules.Entry> entries = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).isBetween(from, to)) {
                for (Service service : rules.get(i).services()) {
                    entries.add(new MemberRules.Entry(service, decisions.get(i)));
                }
            }
        }
        return new MemberRules(entries, byDefault);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RuleSet that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The canonical text: no comments, the default first, one way to write each rule. It parses to an equal set. */
    @Override
    public String toString() {
        return text;
    }
}
