package io.p2pvpn.vpn.rules;

import java.util.List;
import java.util.stream.Collectors;

/** One line of a {@link RuleSet}: what may, or may not, go from whom to whom. Immutable. */
record Rule(boolean allowing, List<PartyPattern> from, List<PartyPattern> to, List<Service> services) {
    private static final List<Service> EVERYTHING = List.of(Service.ANY);

    boolean isBetween(Party sender, Party receiver) {
        return from.stream().anyMatch(pattern -> pattern.matches(sender))
                && to.stream().anyMatch(pattern -> pattern.matches(receiver));
    }

    /** The canonical text, which the parser takes. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(allowing ? "allow " : "deny ");
        text.append(list(from)).append(" -> ").append(list(to));
        if (!services.equals(EVERYTHING)) {
            String separator = " : ";
            int before = 0;
            for (Service service : services) {
                text.append(separator).append(service.textAfter(before));
                separator = ",";
                before = service.protocol();
            }
        }
        return text.toString();
    }

    private static String list(List<PartyPattern> patterns) {
        return patterns.stream().map(PartyPattern::toString).collect(Collectors.joining(","));
    }
}
