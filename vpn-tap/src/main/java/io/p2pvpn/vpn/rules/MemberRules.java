package io.p2pvpn.vpn.rules;

import java.util.List;

/** Which flows one member may begin to another: what a {@link RuleSet} comes to between the two. Immutable. */
public final class MemberRules {
    /** What is decided about one service. */
    record Entry(Service service, Decision decision) {}

    private final Service[] services;
    private final Decision[] decisions;
    private final Decision byDefault;

    /** The first entry that matches decides. */
    MemberRules(List<Entry> entries, Decision byDefault) {
        this.services = entries.stream().map(Entry::service).toArray(Service[]::new);
        this.decisions = entries.stream().map(Entry::decision).toArray(Decision[]::new);
        this.byDefault = byDefault;
    }

    /**
     * What is decided about a flow, and why. Allocates nothing.
     *
     * @param protocol IP protocol number
     * @param destinationPort of TCP and UDP; of no matter for others
     */
    public Decision decide(int protocol, int destinationPort) {
        int compared = Service.compared(protocol);
        for (int i = 0; i < services.length; i++) {
            if (services[i].matches(compared, destinationPort)) {
                return decisions[i];
            }
        }
        return byDefault;
    }
}
