package io.p2pvpn.vpn.rules;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one member may send to our host. Open until there are rules. Set on the loop, read by all threads of the data
 * path, for which a change counts from their next packet on.
 */
public final class MemberGate {
    /** Rules for flows that the member begins; a flow carries the stamp of those that let it in. */
    record Judge(MemberRules rules, long stamp) {}

    private final OverlayId member;
    private final Supplier<Party> party;
    private final FlowTable flows;
    private volatile @Nullable Judge judge;

    /**
     * An open gate.
     *
     * @param member the member's node ID
     * @param party what is known of it, asked for at each {@link #setRules}
     * @param flows those of the namespace
     */
    public MemberGate(OverlayId member, Supplier<Party> party, FlowTable flows) {
        this.member = member;
        this.party = party;
        this.flows = flows;
    }

    /**
     * Has flows that the member begins, those under way too, judged by these rules from now on.
     *
     * @param rules null for none: everything passes, and nothing is remembered
     * @param own our side
     */
    public void setRules(@Nullable RuleSet rules, Party own) {
        judge = rules == null ? null : new Judge(rules.between(party.get(), own), flows.nextStamp());
    }

    /** Null when there are no rules. */
    @Nullable
    Judge judge() {
        return judge;
    }

    OverlayId member() {
        return member;
    }

    FlowTable flows() {
        return flows;
    }
}
