package io.p2pvpn.vpn.rules;

import static io.p2pvpn.vpn.rules.RulePackets.ACK;
import static io.p2pvpn.vpn.rules.RulePackets.FIN;
import static io.p2pvpn.vpn.rules.RulePackets.RST;
import static io.p2pvpn.vpn.rules.RulePackets.SYN;
import static io.p2pvpn.vpn.rules.RulePackets.tcpHeader;
import static io.p2pvpn.vpn.rules.RulePackets.udpDatagram;
import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.trust.Role;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each test for both IP versions, unless it is about one. */
final class FlowFilterTest {
    private static final int GRE = 47;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final String DENY = "default deny";
    private static final String SSH = "default deny\nallow * -> * : tcp/22,udp/53";
    private static final Party OWN = new Party("own", Role.MEMBER);

    private final FlowTable flows = new FlowTable();
    private final FlowFilter filter = new FlowFilter();
    private final MemberGate gate = gate(OverlayId.ZERO);
    private final IpPacket packet = new IpPacket();

    private MemberGate gate(OverlayId member) {
        return new MemberGate(member, () -> new Party("peer", Role.MEMBER), flows);
    }

    private void rules(String text) {
        gate.setRules(RuleSet.parse(text), OWN);
    }

    private boolean receives(byte[] bytes) {
        return receives(filter, gate, bytes);
    }

    private boolean receives(FlowFilter by, MemberGate from, byte[] bytes) {
        assertThat(packet.parse(bytes, 0, bytes.length)).isTrue();
        return by.admits(from, bytes, packet);
    }

    private void sends(byte[] bytes) {
        assertThat(packet.parse(bytes, 0, bytes.length)).isTrue();
        filter.onSent(gate, bytes, packet);
    }

    private void at(int seconds) {
        flows.tick(TimeUnit.SECONDS.toNanos(seconds));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noRules_everythingPasses_nothingIsRemembered(boolean v6) {
        sends(RulePackets.fromUs(v6).udp(5000, 53));
        assertThat(receives(RulePackets.toUs(v6).tcp(4000, 22, SYN))).isTrue();
        assertThat(flows.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tcpThatWeBegin_isAnswered_whateverTheRulesSay(boolean v6) {
        RulePackets in = RulePackets.toUs(v6);
        RulePackets out = RulePackets.fromUs(v6);
        rules(DENY);
        assertThat(receives(in.tcp(22, 40_000, SYN | ACK))).isFalse();
        sends(out.tcp(40_000, 22, SYN));
        assertThat(receives(in.tcp(22, 40_000, SYN | ACK))).isTrue();
        assertThat(receives(in.tcp(22, 40_000, ACK))).isTrue();
        assertThat(receives(in.tcp(22, 40_001, ACK))).isFalse();
        assertThat(receives(in.tcp(23, 40_000, ACK))).isFalse();
        assertThat(receives(RulePackets.toUs(!v6).tcp(22, 40_000, ACK))).isFalse();
        assertThat(receives(in.udp(22, 40_000))).isFalse();
        // A connection of the member's own on the same ports is another flow.
        assertThat(receives(in.tcp(22, 40_000, SYN))).isFalse();
        assertThat(receives(in.tcp(22, 40_000, ACK))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tcpThatTheMemberBegins_needsARule_ourAnswersDoNotMakeItOurs(boolean v6) {
        RulePackets in = RulePackets.toUs(v6);
        RulePackets out = RulePackets.fromUs(v6);
        rules(SSH);
        assertThat(receives(in.tcp(4000, 23, SYN))).isFalse();
        assertThat(receives(in.tcp(4000, 22, SYN))).isTrue();
        sends(out.tcp(22, 4000, SYN | ACK));
        assertThat(receives(in.tcp(4000, 22, ACK))).isTrue();

        rules(DENY);
        assertThat(receives(in.tcp(4000, 22, ACK))).isFalse();
        sends(out.tcp(22, 4000, ACK));
        assertThat(receives(in.tcp(4000, 22, ACK))).isFalse();
        rules(SSH);
        assertThat(receives(in.tcp(4000, 22, ACK))).isTrue();
    }

    @Test
    void memberWithTheLowerPort_andARuleThatWent_isNotMadeOursByOurAnswers() {
        rules("default deny\nallow * -> * : tcp/9000");
        assertThat(receives(RulePackets.toUs(false).tcp(700, 9000, SYN))).isTrue();
        rules(DENY);
        assertThat(receives(RulePackets.toUs(false).tcp(700, 9000, ACK))).isFalse();
        at(Flow.TCP_IDLE_SECONDS_MAX);
        sends(RulePackets.fromUs(false).tcp(9000, 700, ACK));
        at(Flow.TCP_IDLE_SECONDS_MAX + 1);
        assertThat(receives(RulePackets.toUs(false).tcp(700, 9000, ACK))).isFalse();
        sends(RulePackets.fromUs(false).tcp(9000, 700, SYN));
        assertThat(receives(RulePackets.toUs(false).tcp(700, 9000, SYN | ACK))).isTrue();
    }

    @Test
    void tcpWhoseBeginningWasNotSeen_belongsToTheHigherPort() {
        RulePackets in = RulePackets.toUs(false);
        RulePackets out = RulePackets.fromUs(false);
        rules(DENY);
        sends(out.tcp(40_000, 22, ACK));
        assertThat(receives(in.tcp(22, 40_000, ACK))).isTrue();
        sends(out.tcp(22, 40_000, ACK));
        assertThat(receives(in.tcp(40_000, 22, ACK))).isFalse();
        sends(out.tcp(179, 179, ACK));
        assertThat(receives(in.tcp(179, 179, ACK))).isFalse();
        sends(out.tcp(50_000, 23, RST));
        sends(out.tcp(50_001, 23, SYN | ACK));
        assertThat(receives(in.tcp(23, 50_000, ACK))).isFalse();
        assertThat(receives(in.tcp(23, 50_001, ACK))).isFalse();
    }

    @Test
    void closedTcp_isForgottenSoon_halfClosedIsNot() {
        RulePackets in = RulePackets.toUs(false);
        RulePackets out = RulePackets.fromUs(false);
        rules(DENY);
        for (int port : new int[] {22, 23, 24}) {
            sends(out.tcp(40_000, port, SYN));
        }
        sends(out.tcp(40_000, 22, FIN | ACK));
        sends(out.tcp(40_000, 23, FIN | ACK));
        assertThat(receives(in.tcp(23, 40_000, FIN | ACK))).isTrue();
        assertThat(receives(in.tcp(24, 40_000, RST))).isTrue();
        at(Flow.TCP_CLOSED_SECONDS_MAX + 1);
        assertThat(receives(in.tcp(22, 40_000, ACK))).isTrue();
        assertThat(receives(in.tcp(23, 40_000, ACK))).isFalse();
        assertThat(receives(in.tcp(24, 40_000, ACK))).isFalse();
    }

    @Test
    void closedTcp_begunAgain_lastsAgain() {
        RulePackets out = RulePackets.fromUs(false);
        rules(DENY);
        sends(out.tcp(40_000, 22, SYN));
        sends(out.tcp(40_000, 22, RST));
        sends(out.tcp(40_000, 22, SYN));
        at(Flow.TCP_CLOSED_SECONDS_MAX + 1);
        assertThat(receives(RulePackets.toUs(false).tcp(22, 40_000, ACK))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void udp_bothWays(boolean v6) {
        RulePackets in = RulePackets.toUs(v6);
        RulePackets out = RulePackets.fromUs(v6);
        rules(SSH);
        assertThat(receives(in.udp(5353, 5353))).isFalse();
        sends(out.udp(5353, 5353));
        assertThat(receives(in.udp(5353, 5353))).isTrue();
        assertThat(receives(in.udp(1000, 53))).isTrue();
        sends(out.udp(53, 1000));
        rules(DENY);
        assertThat(receives(in.udp(5353, 5353))).isTrue();
        assertThat(receives(in.udp(1000, 53))).isFalse();
        sends(out.udp(53, 1000));
        assertThat(receives(in.udp(1000, 53))).isFalse();

        at(Flow.OTHER_IDLE_SECONDS_MAX);
        assertThat(receives(in.udp(5353, 5353))).isTrue();
        at(2 * Flow.OTHER_IDLE_SECONDS_MAX + 1);
        assertThat(receives(in.udp(5353, 5353))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void echo_repliesToUsPass_requestsNeedARule(boolean v6) {
        RulePackets in = RulePackets.toUs(v6);
        RulePackets out = RulePackets.fromUs(v6);
        rules(DENY);
        assertThat(receives(in.echo(true, 7))).isFalse();
        sends(out.echo(false, 7));
        assertThat(receives(in.echo(true, 7))).isTrue();
        assertThat(receives(in.echo(true, 8))).isFalse();
        assertThat(receives(in.echo(false, 7))).isFalse();
        at(Flow.OTHER_IDLE_SECONDS_MAX + 1);
        assertThat(receives(in.echo(true, 7))).isFalse();

        rules("default deny\nallow * -> * : icmp");
        assertThat(receives(in.echo(false, 9))).isTrue();
        sends(out.echo(true, 9));
        rules(DENY);
        assertThat(receives(in.echo(false, 9))).isFalse();
        assertThat(receives(in.echo(true, 9))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void icmpErrors_passWithTheFlowTheyQuote(boolean v6) {
        RulePackets in = RulePackets.toUs(v6);
        RulePackets out = RulePackets.fromUs(v6);
        int header = v6 ? 40 : 20;
        rules(SSH);
        byte[] ours = out.udp(5000, 161);
        byte[] syn = out.tcp(5000, 161, SYN);
        byte[] ping = out.echo(false, 3);
        byte[] answer = out.udp(53, 1000);
        byte[] other = out.ip(GRE, new byte[12]);
        for (byte[] quoted : new byte[][] {ours, syn, ping, answer, other}) {
            assertThat(receives(in.unreachable(quoted, header + 8))).isFalse();
        }
        sends(ours);
        sends(syn);
        sends(ping);
        sends(other);
        assertThat(receives(in.udp(1000, 53))).isTrue();
        for (byte[] quoted : new byte[][] {ours, syn, ping, answer, other}) {
            assertThat(receives(in.unreachable(quoted, header + 8))).isTrue();
        }
        assertThat(receives(in.unreachable(ours, header + 7))).isFalse();
        assertThat(receives(in.unreachable(in.udp(161, 5000), header + 8))).isFalse();
        assertThat(receives(in.unreachable(out.udp(5001, 161), header + 8))).isFalse();
        assertThat(receives(in.unreachable(RulePackets.fromUs(!v6).udp(5000, 161), header + 8)))
                .isFalse();
        assertThat(receives(in.icmp(v6 ? 137 : 5, 0, ours))).isFalse();

        rules(DENY);
        assertThat(receives(in.unreachable(ours, header + 8))).isTrue();
        assertThat(receives(in.unreachable(answer, header + 8))).isFalse();
        rules("default deny\nallow * -> * : icmp");
        assertThat(receives(in.unreachable(out.udp(1, 1), header + 8))).isTrue();
    }

    @Test
    void icmpErrorAboutALaterFragment_needsARule() {
        byte[] datagram = udpDatagram(5000, 161, 64);
        rules(DENY);
        sends(RulePackets.fromUs(false).udp(5000, 161));
        byte[] first = RulePackets.fromUs(false).fragment(UDP, datagram, 1, 0, 40);
        // Its first bytes look like ports.
        System.arraycopy(datagram, 0, datagram, 40, 8);
        byte[] later = RulePackets.fromUs(false).fragment(UDP, datagram, 1, 40, 72);
        assertThat(receives(RulePackets.toUs(false).unreachable(first, 28))).isTrue();
        assertThat(receives(RulePackets.toUs(false).unreachable(later, 28))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void otherProtocols_areOneFlow_andOnlyStarMatchesThem(boolean v6) {
        byte[] in = RulePackets.toUs(v6).ip(GRE, new byte[4]);
        rules("default deny\nallow * -> * : tcp/*,udp/*,icmp");
        assertThat(receives(in)).isFalse();
        sends(RulePackets.fromUs(v6).ip(GRE, new byte[4]));
        assertThat(receives(in)).isTrue();
        assertThat(receives(RulePackets.toUs(v6).ip(GRE + 1, new byte[4]))).isFalse();
        rules("default deny\nallow peer -> own");
        assertThat(receives(RulePackets.toUs(v6).ip(GRE + 1, new byte[4]))).isTrue();
        // ICMP of the other IP version is no ICMP, and nothing else.
        rules("default deny\nallow * -> * : tcp/*,udp/*");
        assertThat(receives(RulePackets.toUs(v6).ip(v6 ? 1 : 58, new byte[8]))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fragments_followTheirFirstOne(boolean v6) {
        RulePackets in = RulePackets.toUs(v6);
        byte[] allowed = udpDatagram(1000, 53, 100);
        byte[] denied = udpDatagram(1000, 54, 100);
        rules(SSH);
        assertThat(receives(in.fragment(UDP, allowed, 1, 48, 108))).isFalse();
        assertThat(receives(in.fragment(UDP, allowed, 1, 0, 48))).isTrue();
        assertThat(receives(in.fragment(UDP, allowed, 1, 48, 96))).isTrue();
        assertThat(receives(in.fragment(UDP, allowed, 1, 96, 108))).isTrue();
        assertThat(receives(in.fragment(UDP, denied, 2, 0, 48))).isFalse();
        assertThat(receives(in.fragment(UDP, denied, 2, 48, 108))).isFalse();
        // The protocol belongs to the identification in IPv4 only.
        assertThat(receives(in.fragment(GRE, allowed, 1, 48, 108))).isEqualTo(v6);
        assertThat(receives(RulePackets.toUs(!v6).fragment(UDP, allowed, 1, 48, 108)))
                .isFalse();
        byte[] other = new byte[OverlayId.BYTES];
        other[0] = 1;
        MemberGate another = gate(OverlayId.of(other));
        another.setRules(RuleSet.parse(SSH), OWN);
        assertThat(receives(filter, another, in.fragment(UDP, allowed, 1, 48, 108)))
                .isFalse();
        at(FragmentTable.SECONDS_MAX + 1);
        assertThat(receives(in.fragment(UDP, allowed, 1, 48, 108))).isFalse();
    }

    @Test
    void fragmentsWithOptionsInside_followTheirFirstOne() {
        RulePackets in = RulePackets.toUs(true);
        byte[] behindOptions = new byte[8 + 108];
        System.arraycopy(new byte[] {UDP, 0, 1, 4}, 0, behindOptions, 0, 4);
        System.arraycopy(udpDatagram(1000, 53, 100), 0, behindOptions, 8, 108);
        rules(SSH);
        assertThat(receives(in.fragment(60, behindOptions, 1, 0, 56))).isTrue();
        assertThat(receives(in.fragment(60, behindOptions, 1, 56, 116))).isTrue();
        behindOptions[8 + 3] = 54;
        assertThat(receives(in.fragment(60, behindOptions, 2, 0, 56))).isFalse();
        assertThat(receives(in.fragment(60, behindOptions, 2, 56, 116))).isFalse();
    }

    @Test
    void manyFragmentedPackets_theNewestAreKnown() {
        RulePackets in = RulePackets.toUs(true);
        byte[] datagram = udpDatagram(1000, 53, 100);
        rules(SSH);
        int packets = 10 * FragmentTable.PACKETS_MAX;
        for (int id = 0; id < packets; id++) {
            assertThat(receives(in.fragment(UDP, datagram, id, 0, 48))).isTrue();
            assertThat(receives(in.fragment(UDP, datagram, id, 48, 108))).isTrue();
        }
        int known = 0;
        for (int id = 0; id < packets; id++) {
            known += receives(in.fragment(UDP, datagram, id, 48, 108)) ? 1 : 0;
        }
        assertThat(known).isBetween(1, FragmentTable.PACKETS_MAX);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fragmentsOfAnswersToUs_pass(boolean v6) {
        byte[] datagram = udpDatagram(161, 5000, 100);
        rules(DENY);
        sends(RulePackets.fromUs(v6).fragment(UDP, udpDatagram(5000, 161, 100), 5, 0, 48));
        sends(RulePackets.fromUs(v6).fragment(UDP, udpDatagram(5000, 161, 100), 5, 48, 108));
        assertThat(receives(RulePackets.toUs(v6).fragment(UDP, datagram, 9, 0, 48)))
                .isTrue();
        assertThat(receives(RulePackets.toUs(v6).fragment(UDP, datagram, 9, 48, 108)))
                .isTrue();
        assertThat(flows.size()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void headersInPieces_neverPass_evenByDefault(boolean v6) {
        RulePackets in = RulePackets.toUs(v6);
        byte[] segment = tcpHeader(1000, 22, SYN);
        rules("default allow\ndeny * -> * : tcp/22");
        assertThat(receives(in.fragment(TCP, segment, 1, 0, 8))).isFalse();
        assertThat(receives(in.fragment(TCP, segment, 1, 0, 16))).isFalse();
        assertThat(receives(in.fragment(TCP, segment, 1, 16, 20))).isFalse();
        assertThat(receives(in.ip(TCP, new byte[19]))).isFalse();
        assertThat(receives(in.ip(UDP, new byte[7]))).isFalse();
        assertThat(receives(in.ip(v6 ? 58 : 1, new byte[7]))).isFalse();

        byte[] whole = new byte[64];
        System.arraycopy(tcpHeader(1000, 80, ACK), 0, whole, 0, 20);
        assertThat(receives(in.fragment(TCP, whole, 2, 0, 40))).isTrue();
        // It would replace the flags of the first one.
        assertThat(receives(in.fragment(TCP, whole, 2, 8, 40))).isFalse();
        assertThat(receives(in.fragment(TCP, whole, 2, 40, 64))).isTrue();
    }

    /** The kernel takes such datagrams, though this is not the usual form. */
    @Test
    void udpShorterThanItsPacket_isJudgedByItsPorts() {
        byte[] datagram = udpDatagram(1000, 54, 100);
        datagram[5] = 20;
        rules("default allow\ndeny * -> * : udp/54");
        assertThat(receives(RulePackets.toUs(false).ip(UDP, datagram))).isFalse();
    }

    @Test
    void extensionHeaders_hideNothing() {
        RulePackets in = RulePackets.toUs(true);
        byte[] ssh = tcpHeader(1000, 22, SYN);
        rules("default allow\ndeny * -> * : tcp/22");
        for (int headers = 0; headers <= 8; headers++) {
            assertThat(receives(in.behindOptions(headers, TCP, ssh))).isFalse();
            assertThat(receives(in.behindOptions(headers, TCP, tcpHeader(1000, 23, SYN))))
                    .isTrue();
        }
        byte[] tooMany = in.behindOptions(9, TCP, ssh);
        assertThat(packet.parse(tooMany, 0, tooMany.length)).isFalse();
        byte[] whole = in.fragment(TCP, ssh, 1, 0, ssh.length);
        assertThat(receives(whole)).isFalse();
        // Behind a header that nobody knows there may be anything.
        rules("default deny\nallow * -> * : tcp/*,udp/*,icmp");
        assertThat(receives(in.behindOptions(1, 253, ssh))).isFalse();
        rules("default deny\nallow * -> *");
        assertThat(receives(in.behindOptions(1, 253, ssh))).isTrue();
    }

    @Test
    void rulesTakenBack_openTheGate() {
        rules(DENY);
        assertThat(receives(RulePackets.toUs(false).udp(1, 1))).isFalse();
        gate.setRules(null, OWN);
        assertThat(receives(RulePackets.toUs(false).udp(1, 1))).isTrue();
    }

    @Test
    void roleOfTheMember_isAskedAtEachChange() {
        Role[] role = {Role.MEMBER};
        MemberGate admins = new MemberGate(OverlayId.ZERO, () -> new Party("peer", role[0]), flows);
        RuleSet rules = RuleSet.parse("default deny\nallow role:admin -> own : tcp/22");
        byte[] syn = RulePackets.toUs(false).tcp(1000, 22, SYN);
        admins.setRules(rules, OWN);
        assertThat(receives(filter, admins, syn)).isFalse();
        role[0] = Role.ADMIN;
        admins.setRules(rules, OWN);
        assertThat(receives(filter, admins, syn)).isTrue();
    }

    @Test
    void flowNotedByOneThread_isKnownToAnother() {
        rules(DENY);
        sends(RulePackets.fromUs(false).udp(5000, 53));
        assertThat(receives(new FlowFilter(), gate, RulePackets.toUs(false).udp(53, 5000)))
                .isTrue();
    }

    /** Each thread sends on its own flows, and must get every answer; beside that, all of them flood one another. */
    @Test
    void severalThreads_noAnswerIsLost_whileRulesChangeAndMembersFlood() throws Exception {
        int threads = 4;
        AtomicInteger lost = new AtomicInteger();
        rules(DENY);
        Thread[] running = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            int thread = t;
            running[t] = new Thread(() -> {
                FlowFilter own = new FlowFilter();
                IpPacket parsed = new IpPacket();
                for (int n = 0; n < 10_000; n++) {
                    // Few enough that no eight of ours share a place.
                    int i = n % 500;
                    byte[] out = RulePackets.fromUs(false).udp(10_000 + thread, 1 + i);
                    parsed.parse(out, 0, out.length);
                    own.onSent(gate, out, parsed);
                    byte[] flood = RulePackets.toUs(false).udp(1 + i, 53);
                    parsed.parse(flood, 0, flood.length);
                    var unused = own.admits(gate, flood, parsed);
                    byte[] in = RulePackets.toUs(false).udp(1 + i, 10_000 + thread);
                    parsed.parse(in, 0, in.length);
                    lost.addAndGet(own.admits(gate, in, parsed) ? 0 : 1);
                }
            });
            running[t].start();
        }
        for (int i = 0; i < 200; i++) {
            rules(i % 2 == 0 ? SSH : DENY);
        }
        rules(DENY);
        for (Thread thread : running) {
            thread.join();
        }
        assertThat(lost).hasValue(0);
        assertThat(flows.size()).isLessThanOrEqualTo(FlowTable.FLOWS_MAX);
        // Whatever was let in meanwhile is refused by the last rules.
        for (int i = 0; i < 500; i++) {
            assertThat(receives(RulePackets.toUs(false).udp(1 + i, 53))).isFalse();
        }
    }
}
