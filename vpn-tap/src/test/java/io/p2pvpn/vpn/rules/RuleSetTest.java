package io.p2pvpn.vpn.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.vpn.trust.Role;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RuleSetTest {
    private static final Party ALICE = new Party("alice", Role.ADMIN);
    private static final Party BOB = new Party("bob", Role.MEMBER);
    private static final Party WEB = new Party("web-1", Role.GATEWAY);
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int GRE = 47;

    private static boolean allows(String rules, Party from, Party to, int protocol, int port) {
        return RuleSet.parse(rules).decide(from, to, protocol, port).allowed();
    }

    @Test
    void firstMatch_decides_andIsNamed() {
        RuleSet rules = RuleSet.parse("""
                # who may do what
                deny bob -> web-1 : tcp/22   # not he
                allow * -> web-* : tcp/22,80-90
                default deny
                """);
        assertThat(rules.decide(BOB, WEB, TCP, 22)).isEqualTo(new Decision(false, 1, "deny bob -> web-1 : tcp/22"));
        assertThat(rules.decide(ALICE, WEB, TCP, 22))
                .isEqualTo(new Decision(true, 2, "allow * -> web-* : tcp/22,80-90"));
        assertThat(rules.decide(BOB, WEB, TCP, 85).number()).isEqualTo(2);
        assertThat(rules.decide(BOB, WEB, UDP, 22)).isEqualTo(new Decision(false, 0, "default deny"));
        assertThat(rules.decide(WEB, BOB, TCP, 22).allowed()).isFalse();
    }

    @Test
    void parties_byNameGlobRoleAndList() {
        assertThat(allows("default deny\nallow Alice -> BOB", ALICE, BOB, TCP, 1))
                .isTrue();
        assertThat(allows("default deny\nallow alice -> *", new Party("ALICE", Role.MEMBER), BOB, TCP, 1))
                .isTrue();
        assertThat(allows("default deny\nallow alice -> *", new Party("alice2", Role.ADMIN), BOB, TCP, 1))
                .isFalse();
        assertThat(allows("default deny\nallow ali* -> *", ALICE, BOB, TCP, 1)).isTrue();
        assertThat(allows("default deny\nallow role:admin -> role:gateway", ALICE, WEB, TCP, 1))
                .isTrue();
        assertThat(allows("default deny\nallow role:admin -> role:gateway", ALICE, BOB, TCP, 1))
                .isFalse();
        assertThat(allows("default deny\nallow x,role:admin,y -> z,web-*:icmp", ALICE, WEB, ICMP, 0))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "tcp/22, 6, 22, true",
        "tcp/22, 6, 23, false",
        "tcp/22, 17, 22, false",
        "'tcp/22,80,udp/53', 6, 80, true",
        "'tcp/22,80,udp/53', 17, 80, false",
        "'udp/53,5000-5010', 17, 5000, true",
        "'udp/53,5000-5010', 17, 5010, true",
        "'udp/53,5000-5010', 17, 5011, false",
        "'udp/53,5000-5010', 17, 4999, false",
        "tcp/*, 6, 0, true",
        "tcp/*, 6, 65535, true",
        "tcp/*, 17, 1, false",
        "tcp/1-65535, 6, 0, false",
        "icmp, 1, 0, true",
        "icmp, 58, 0, true",
        "icmp, 6, 0, false",
        "*, 47, 0, true",
        "*, 6, 1, true",
        "'tcp/*,udp/*,icmp', 47, 0, false",
    })
    void services_byProtocolAndPort(String services, int protocol, int port, boolean allowed) {
        assertThat(allows("default deny\nallow * -> * : " + services, ALICE, BOB, protocol, port))
                .isEqualTo(allowed);
        assertThat(allows("default allow\ndeny * -> * : " + services, ALICE, BOB, protocol, port))
                .isEqualTo(!allowed);
    }

    @Test
    void withoutServices_everything() {
        for (int protocol : new int[] {TCP, UDP, ICMP, ICMPV6, GRE, 255}) {
            assertThat(allows("default deny\nallow alice -> bob", ALICE, BOB, protocol, 9))
                    .isTrue();
        }
    }

    @Test
    void anyWayToWriteIt_oneCanonicalText() {
        String canonical = """
                default deny
                allow role:admin -> *
                deny bob,web-* -> printer : tcp/631,9100-9107,udp/*,161,icmp,*
                allow role -> alice : udp/53,tcp/53
                """;
        RuleSet rules = RuleSet.parse(
                "\tallow role:admin->*:*# all\r\n\r\ndeny Bob , WEB-* -> printer:tcp / 0631,tcp/9100-9107,udp/*,161,"
                        + " icmp ,*\n#\nallow role -> alice :udp/53,tcp/53\ndefault  deny");
        assertThat(rules).hasToString(canonical);
        assertThat(RuleSet.parse(canonical)).isEqualTo(rules).hasSameHashCodeAs(rules);
        assertThat(rules).isNotEqualTo(RuleSet.parse("default deny"));
        assertThat(rules.size()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            ""                                | no default: add a line 'default deny' or 'default allow'
            allow a -> b                      | no default: add a line 'default deny' or 'default allow'
            default maybe                     | line 1: the default is 'maybe': write 'default allow' or 'default deny'
            default                           | line 1: the default is '': write
            default deny deny                 | line 1: there is 'deny' where the line must end
            permit a -> b                     | line 1: a line begins with 'permit': write 'allow', 'deny' or 'default'
            Allow a -> b                      | line 1: a line begins with 'Allow'
            ?                                 | line 1: a line begins with '': write
            allow                             | line 1: the line ends where a member must be
            allow a                           | line 1: there is nothing where '->' must be
            allow a b -> c                    | line 1: there is 'b -> c' where '->' must be
            allow a ->                        | line 1: the line ends where a member must be
            allow a, -> b                     | line 1: '-> b' is no member
            allow a -> b c                    | line 1: there is 'c' where the line must end
            allow a -> b :                    | line 1: '' is no service
            allow a -> b : tcp                | line 1: 'tcp' has no ports: write tcp/PORT, or tcp/* for all
            allow a -> b : udp                | line 1: 'udp' has no ports
            allow a -> b : sctp/1             | line 1: 'sctp' is no protocol with ports
            allow a -> b : icmp/8             | line 1: 'icmp' is no protocol with ports
            allow a -> b : ssh                | line 1: 'ssh' is no service: use tcp/PORT, udp/PORT
            allow a -> b : 22                 | line 1: port '22' has no protocol
            allow a -> b : icmp,22            | line 1: port '22' has no protocol
            allow a -> b : *,22               | line 1: port '22' has no protocol
            allow a -> b : tcp/0              | line 1: '0' are no ports: use 1 to 65535, FIRST-LAST or *
            allow a -> b : tcp/65536          | line 1: '65536' are no ports
            allow a -> b : tcp/9-8            | line 1: '9-8' are no ports
            allow a -> b : tcp/1-             | line 1: '1-' are no ports
            allow a -> b : tcp/-1             | line 1: '-1' are no ports
            allow a -> b : tcp/1-2-3          | line 1: '1-2-3' are no ports
            allow a -> b : tcp/000022         | line 1: '000022' are no ports
            allow a -> b : tcp/22,            | line 1: '' is no service
            allow role:boss -> b              | line 1: 'boss' is no role: use admin, member, gateway or relay
            allow a -> role:tcp/22            | line 1: 'tcp' is no role
            allow a -> role:admi*             | line 1: 'admi*' is no role
            allow *a -> b                     | line 1: '*a' is no member
            allow a*b -> c                    | line 1: 'a*b' is no member
            allow ** -> c                     | line 1: '**' is no member
            allow -a -> c                     | line 1: '-a' is no member
            allow a > b                       | line 1: there is '> b' where '->' must be
            """)
    void wrongLine_saysWhatAndHow(String line, String message) {
        assertThatThrownBy(() -> RuleSet.parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void wrongLine_isNamed_onOneLine() {
        assertThatThrownBy(() -> RuleSet.parse("default deny\n\n# fine\nallow a -> b\ndefault deny\n"))
                .hasMessage("line 5: a second default: leave one");
        assertThatThrownBy(() -> RuleSet.parse("default deny\n\u0085\u2028" + "x".repeat(100)))
                .hasMessage("line 2: a line begins with '': write 'allow', 'deny' or 'default'");
        assertThatThrownBy(() -> RuleSet.parse("default deny\nallow a\0" + "\u00e9".repeat(100)))
                .hasMessage("line 2: there is '?" + "?".repeat(39) + "...' where '->' must be: write 'FROM -> TO'");
        assertThatThrownBy(() -> RuleSet.parse("default deny\0allow"))
                .hasMessageStartingWith("line 1: there is '?allow'");
    }

    private static String lines(String line, int times) {
        return String.join("\n", Collections.nCopies(times, line));
    }

    @Test
    void bounds_holdExactly() {
        assertThat(RuleSet.parse("default deny\n" + lines("allow a -> b", RuleSet.RULES_MAX))
                        .size())
                .isEqualTo(RuleSet.RULES_MAX);
        assertThatThrownBy(() -> RuleSet.parse("default deny\n" + lines("allow a -> b", RuleSet.RULES_MAX + 1)))
                .hasMessageStartingWith("line 258: more than 256 rules");

        String names =
                IntStream.range(0, RuleSet.ITEMS_MAX).mapToObj(i -> "n" + i).collect(Collectors.joining(","));
        String ports =
                IntStream.range(1, RuleSet.ITEMS_MAX).mapToObj(i -> "" + i).collect(Collectors.joining(","));
        RuleSet.parse("default deny\nallow " + names + " -> " + names + " : tcp/99," + ports);
        for (String line : List.of(
                "allow x," + names + " -> a", "allow a -> x," + names, "allow a -> a : udp/9,tcp/99," + ports)) {
            assertThatThrownBy(() -> RuleSet.parse("default deny\n" + line))
                    .hasMessage("line 2: a list of more than 16 items: write several rules");
        }

        String filler = "#".repeat(RuleSet.TEXT_CHARS_MAX - "default deny\n".length());
        assertThat(RuleSet.parse("default deny\n" + filler)).isEqualTo(RuleSet.parse("default deny"));
        assertThatThrownBy(() -> RuleSet.parse("default deny\n#" + filler))
                .hasMessage("the text has 8193 characters: at most 8192 are allowed");
    }

    @Test
    void textThatOnlyCanonicallyIsTooLong_isRefused() {
        String rule = "allow " + "n".repeat(50) + "->b:tcp/1";
        String text = "default deny\n" + lines(rule, RuleSet.TEXT_CHARS_MAX / (rule.length() + 1) - 1);
        assertThat(text.length()).isLessThan(RuleSet.TEXT_CHARS_MAX);
        assertThatThrownBy(() -> RuleSet.parse(text)).hasMessageStartingWith("the canonical text has ");
    }

    /** Against the plainest reading of the rules: each rule is looked at for each packet. */
    @Test
    void randomRules_decideAsANaiveReadingDoes() {
        long seed = Long.getLong("test.seed", 23L);
        System.out.println("test.seed=" + seed);
        Random random = new Random(seed);
        String[] parties = {"alice", "bob", "a*", "web-*", "*", "role:admin", "role:gateway"};
        String[] services = {"*", "icmp", "tcp/22", "tcp/20-30", "udp/22", "tcp/*"};
        Party[] members = {ALICE, BOB, WEB};
        int[] protocols = {TCP, UDP, ICMP, ICMPV6, GRE};
        for (int round = 0; round < 300; round++) {
            List<String[]> rules = IntStream.range(0, random.nextInt(8))
                    .mapToObj(i -> new String[] {
                        random.nextBoolean() ? "allow" : "deny",
                        parties[random.nextInt(parties.length)],
                        parties[random.nextInt(parties.length)],
                        services[random.nextInt(services.length)]
                    })
                    .toList();
            RuleSet set = RuleSet.parse("default allow\n"
                    + rules.stream()
                            .map(r -> r[0] + " " + r[1] + " -> " + r[2] + " : " + r[3] + "\n")
                            .collect(Collectors.joining()));
            assertThat(RuleSet.parse(set.toString())).isEqualTo(set);
            for (int i = 0; i < 50; i++) {
                Party from = members[random.nextInt(3)];
                Party to = members[random.nextInt(3)];
                int protocol = protocols[random.nextInt(protocols.length)];
                int port = 19 + random.nextInt(13);
                int expected = IntStream.range(0, rules.size())
                        .filter(n -> isNaive(rules.get(n)[1], from)
                                && isNaive(rules.get(n)[2], to)
                                && isNaive(rules.get(n)[3], protocol, port))
                        .findFirst()
                        .orElse(-1);
                Decision decision = set.decide(from, to, protocol, port);
                assertThat(decision.number()).isEqualTo(expected + 1);
                assertThat(decision.allowed()).isEqualTo(expected < 0 || rules.get(expected)[0].equals("allow"));
            }
        }
    }

    private static boolean isNaive(String pattern, Party party) {
        if (pattern.startsWith("role:")) {
            return pattern.substring(5).equals(party.role().word());
        }
        return party.name().matches(pattern.replace("*", ".*"));
    }

    private static boolean isNaive(String service, int protocol, int port) {
        String name = protocol == TCP ? "tcp" : protocol == UDP ? "udp" : protocol == GRE ? "gre" : "icmp";
        String ports = service.contains("/") ? service.substring(4) : "*";
        List<Integer> range = ports.equals("*")
                ? List.of(0, 65_535)
                : Arrays.stream((ports + "-" + ports).split("-"))
                        .map(Integer::valueOf)
                        .toList();
        boolean portFits = port >= range.get(0) && port <= range.get(1);
        return service.equals("*") || (service.startsWith(name) && portFits);
    }
}
