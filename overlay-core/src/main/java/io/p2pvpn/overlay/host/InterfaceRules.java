package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.InterfaceUse;
import java.util.ArrayList;
import java.util.List;

/**
 * What each network interface may be used for. Immutable.
 *
 * @param rules the first that matches counts; interfaces that none matches are on
 */
public record InterfaceRules(List<Rule> rules) {
    /** Every interface is on. */
    public static final InterfaceRules NONE = new InterfaceRules(List.of());

    /** Copies the list. */
    public InterfaceRules {
        rules = List.copyOf(rules);
    }

    /**
     * What interfaces of some names may be used for.
     *
     * @param pattern a name, in which each {@code *} stands for any characters
     */
    public record Rule(String pattern, InterfaceUse use) {
        /**
         * From {@code NAME=on|backup|metered|off}.
         *
         * @throws IllegalArgumentException when the text is not of that form
         */
        public static Rule parse(String text) {
            int split = text.lastIndexOf('=');
            InterfaceUse use = split < 0 ? null : InterfaceUse.ofWord(text.substring(split + 1));
            String pattern = split < 0 ? "" : text.substring(0, split);
            if (use == null || !pattern.matches("[A-Za-z0-9_.*:@-]{1,64}")) {
                throw new IllegalArgumentException("'" + text
                        + "' is not a use of an interface: write NAME=on, NAME=backup, NAME=metered or NAME=off, where"
                        + " * in NAME stands for any characters");
            }
            return new Rule(pattern, use);
        }

        boolean matches(String name) {
            String[] pieces = pattern.split("\\*+", -1);
            if (pieces.length == 1) {
                return name.equals(pattern);
            }
            String first = pieces[0];
            String last = pieces[pieces.length - 1];
            int at = first.length();
            int end = name.length() - last.length();
            if (at > end || !name.startsWith(first) || !name.endsWith(last)) {
                return false;
            }
            for (int i = 1; i < pieces.length - 1; i++) {
                int found = name.indexOf(pieces[i], at);
                if (found < 0 || found + pieces[i].length() > end) {
                    return false;
                }
                at = found + pieces[i].length();
            }
            return true;
        }
    }

    /** True if every interface is on. */
    boolean isEmpty() {
        return rules.isEmpty();
    }

    /** What the interface of that name may be used for. */
    InterfaceUse useOf(String name) {
        for (Rule rule : rules) {
            if (rule.matches(name)) {
                return rule.use();
            }
        }
        return InterfaceUse.ON;
    }

    /** These names, and those of interfaces that are off. */
    List<String> excluding(List<String> devices, List<String> all) {
        List<String> excluded = new ArrayList<>(devices);
        for (String name : all) {
            if (useOf(name) == InterfaceUse.OFF) {
                excluded.add(name);
            }
        }
        return excluded;
    }
}
