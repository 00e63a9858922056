package io.p2pvpn.vpn.rules;

import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.PacketFlow;
import io.p2pvpn.vpn.packet.PacketFlow.Kind;

/**
 * Lets packets of members in, or not: what belongs to a flow that our host began, and what the rules allow the member
 * to begin. Confined to one thread of the data path; what it knows of flows it shares with the others by the {@link
 * FlowTable}.
 *
 * <ul>
 *   <li>TCP begins with a SYN. Of a connection whose beginning nobody saw, since there were no rules or no node then,
 *       the end with the higher port is taken for the one that began.
 *   <li>UDP, ICMP echo and other protocols begin with the first packet. Of ICMP echo only requests begin, and only
 *       replies come back.
 *   <li>An ICMP error passes with the flow of the packet that it quotes.
 *   <li>A later fragment passes after the first one of its packet.
 * </ul>
 */
public final class FlowFilter {
    private final PacketFlow packetFlow = new PacketFlow();
    private final FragmentTable fragments = new FragmentTable();

    /**
     * Whether a packet reaches our host.
     *
     * @param gate the sender's; the packet's source must be known to be its address
     * @param packet the parsed headers of the packet in {@code buffer}, which is for us
     */
    public boolean admits(MemberGate gate, byte[] buffer, IpPacket packet) {
        MemberGate.Judge judge = gate.judge();
        return judge == null || isAdmitted(gate, judge, buffer, packet);
    }

    private boolean isAdmitted(MemberGate gate, MemberGate.Judge judge, byte[] buffer, IpPacket packet) {
        packetFlow.read(buffer, packet);
        Kind kind = packetFlow.kind();
        if (kind == Kind.LATER_FRAGMENT) {
            return fragments.holds(gate.member(), packet, gate.flows().nowSeconds());
        }
        boolean admitted = switch (kind) {
            case PORTS, PORTLESS -> isFlowAdmitted(gate, judge);
            case ECHO_REPLY -> isReplyToUs(gate) || isAllowed(judge);
            case ICMP_ERROR -> isAllowed(judge) || isAboutAdmitted(gate, judge, buffer, packet);
            case ECHO_REQUEST, ICMP -> isAllowed(judge);
            case LATER_FRAGMENT, BROKEN -> false;
        };
        if (admitted && packet.isFragment()) {
            fragments.add(gate.member(), packet, gate.flows().nowSeconds());
        }
        return admitted;
    }

    private boolean isFlowAdmitted(MemberGate gate, MemberGate.Judge judge) {
        FlowTable flows = gate.flows();
        int family = packetFlow.family();
        int ports = ports(packetFlow.sourcePort(), packetFlow.destinationPort());
        Flow flow = flows.find(gate.member(), family, ports);
        if (flow == null) {
            boolean allowed = isAllowed(judge);
            if (allowed) {
                flows.add(gate.member(), family, ports, judge.stamp());
            }
            return allowed;
        }
        if (!isLetIn(flow, judge, packetFlow.isBegin())) {
            return false;
        }
        flow.onPacket(false, packetFlow, flows.nowSeconds());
        return true;
    }

    /** Judges a known flow, anew if the rules have changed, or if the member begins another one on the same ports. */
    private boolean isLetIn(Flow flow, MemberGate.Judge judge, boolean begins) {
        long by = flow.letInBy();
        if (!begins && (by == Flow.OURS || by == judge.stamp())) {
            return true;
        }
        boolean allowed = isAllowed(judge);
        if (allowed) {
            flow.setLetInBy(judge.stamp());
        } else if (by != Flow.OURS) {
            // Remembered: else our host's next packet would pass for the beginning of a flow of its own.
            flow.setLetInBy(Flow.REFUSED);
        }
        return allowed;
    }

    private boolean isAllowed(MemberGate.Judge judge) {
        return judge.rules()
                .decide(packetFlow.protocol(), packetFlow.destinationPort())
                .allowed();
    }

    private boolean isReplyToUs(MemberGate gate) {
        int ports = ports(packetFlow.sourcePort(), packetFlow.destinationPort());
        return gate.flows().find(gate.member(), packetFlow.family(), ports) != null;
    }

    private boolean isAboutAdmitted(MemberGate gate, MemberGate.Judge judge, byte[] buffer, IpPacket packet) {
        if (!packetFlow.readQuoted(buffer, packet)) {
            return false;
        }
        int ourPort = packetFlow.sourcePort();
        Flow flow = gate.flows().find(gate.member(), packetFlow.family(), ports(packetFlow.destinationPort(), ourPort));
        return flow != null
                && (flow.letInBy() == Flow.OURS
                        || judge.rules().decide(packetFlow.protocol(), ourPort).allowed());
    }

    /**
     * Our host sends a packet to a member: it may begin a flow.
     *
     * @param gate the receiver's
     * @param packet the parsed headers of the packet in {@code buffer}
     */
    public void onSent(MemberGate gate, byte[] buffer, IpPacket packet) {
        if (gate.judge() != null) {
            note(gate, buffer, packet);
        }
    }

    private void note(MemberGate gate, byte[] buffer, IpPacket packet) {
        packetFlow.read(buffer, packet);
        Kind kind = packetFlow.kind();
        if (kind != Kind.PORTS && kind != Kind.PORTLESS && kind != Kind.ECHO_REQUEST) {
            return;
        }
        FlowTable flows = gate.flows();
        int family = packetFlow.family();
        int ports = ports(packetFlow.destinationPort(), packetFlow.sourcePort());
        Flow flow = flows.find(gate.member(), family, ports);
        if (flow == null) {
            if (beginsHere()) {
                flows.add(gate.member(), family, ports, Flow.OURS);
            }
            return;
        }
        if (packetFlow.isBegin()) {
            flow.setLetInBy(Flow.OURS);
        }
        flow.onPacket(true, packetFlow, flows.nowSeconds());
    }

    /** Whether a packet of a flow that is not known is one that our host began. */
    private boolean beginsHere() {
        if (packetFlow.protocol() != IpPacket.PROTOCOL_TCP || packetFlow.isBegin()) {
            return true;
        }
        return !packetFlow.isAnswer() && packetFlow.sourcePort() > packetFlow.destinationPort();
    }

    private static int ports(int member, int ours) {
        return member << 16 | ours;
    }
}
