package io.p2pvpn.vpn.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.trust.Role;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any text is read as rules or refused in words, any packet let in or not. {@code lab/fuzz} looks further. */
class RulesFuzzTest {
    private static final Party ALICE = new Party("alice", Role.ADMIN);
    private static final Party BOB = new Party("bob", Role.MEMBER);
    private static final int MUTATIONS = 5_000;
    private static final String VALID = """
            default deny
            allow role:admin,bob -> web-*,alice : tcp/22,80-90,udp/*,icmp
            deny * -> * : *
            # nothing else
            """;

    private final IpPacket packet = new IpPacket();
    private final FlowFilter filter = new FlowFilter();
    private final MemberGate gate = Gates.with("default deny\nallow * -> own : tcp/80,udp/53\ndeny * -> * : icmp");

    @FuzzTest
    void rules(byte[] bytes) {
        RuleSet rules;
        try {
            rules = RuleSet.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException wrong) {
            assertThat(wrong.getMessage()).isNotEmpty().matches("[ -~]*").hasSizeLessThan(200);
            return;
        }
        assertThat(rules.size()).isLessThanOrEqualTo(RuleSet.RULES_MAX);
        assertThat(rules.toString()).hasSizeLessThanOrEqualTo(RuleSet.TEXT_CHARS_MAX);
        assertThat(RuleSet.parse(rules.toString())).isEqualTo(rules);
        assertThat(rules.decide(ALICE, BOB, IpPacket.PROTOCOL_TCP, 22).number()).isBetween(0, rules.size());
    }

    /** What was let in once is let in again, and what is sent leaves no harm. */
    @FuzzTest
    void packets(byte[] bytes) {
        if (packet.parse(bytes, 0, bytes.length)) {
            boolean admitted = filter.admits(gate, bytes, packet);
            assertThat(!admitted || filter.admits(gate, bytes, packet)).isTrue();
            filter.onSent(gate, bytes, packet);
        }
    }

    /** Without a fuzzing engine: valid rules, changed at random places. */
    @Test
    void mutations_ofValidRules_areReadOrRefused() {
        long seed = Long.getLong("test.seed", 29L);
        System.out.println("test.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] text = VALID.getBytes(StandardCharsets.UTF_8);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                text[random.nextInt(text.length)] =
                        (byte) (random.nextBoolean() ? VALID.charAt(random.nextInt(VALID.length())) : random.nextInt());
            }
            rules(text);
        }
    }
}
