package io.p2pvpn.vpn.rules;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.trust.Role;

/** Gates for tests of what is around them. */
public final class Gates {
    private Gates() {}

    /** The gate of a member called peer, without rules. */
    public static MemberGate open() {
        return new MemberGate(OverlayId.ZERO, () -> new Party("peer", Role.MEMBER), new FlowTable());
    }

    /** The same with these rules; we are called own. */
    public static MemberGate with(String rules) {
        MemberGate gate = open();
        gate.setRules(RuleSet.parse(rules), new Party("own", Role.MEMBER));
        return gate;
    }
}
