package io.p2pvpn.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.nat.PathReason.End;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.nat.Dependence;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.nat.NatFacts.Passage;
import io.p2pvpn.overlay.path.FrameRoute.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PathReasonTest {
    private static final OverlayId LOW = id('3');
    private static final OverlayId HIGH = id('7');
    private static final OverlayId RELAY = id('a');
    private static final NatFacts EASY = facts(Dependence.ENDPOINT_INDEPENDENT);
    private static final NatFacts HARD = facts(Dependence.ADDRESS_AND_PORT_DEPENDENT);
    private static final NatFacts BLOCKED =
            new NatFacts(Passage.BLOCKED, Dependence.UNKNOWN, Dependence.ADDRESS_AND_PORT_DEPENDENT);

    private static OverlayId id(char digit) {
        return OverlayId.parseOrNull(String.valueOf(digit).repeat(40));
    }

    private static NatFacts facts(Dependence mapping) {
        return new NatFacts(Passage.PASSES, mapping, Dependence.ADDRESS_AND_PORT_DEPENDENT);
    }

    private static String text(NatFacts low, NatFacts high, Kind kind, boolean trying) {
        OverlayId via = kind == Kind.RELAY ? RELAY : null;
        return PathReason.text(new End(LOW, low), new End(HIGH, high), kind, via, trying);
    }

    @Test
    void text_ofEachCase_readsAsExpected() {
        assertThat(text(HARD, HARD, Kind.UDP, false)).isEqualTo("direct");
        assertThat(text(EASY, BLOCKED, Kind.TCP, false)).isEqualTo("direct over TCP: UDP is blocked at 77777777");
        assertThat(text(BLOCKED, BLOCKED, Kind.RELAY, false))
                .isEqualTo("relay via aaaaaaaa: UDP is blocked at 33333333 and 77777777");
        assertThat(text(HARD, HARD, Kind.RELAY, false))
                .isEqualTo("relay via aaaaaaaa: both NATs are address-and-port-dependent");
        assertThat(text(HARD, HARD, Kind.RELAY, true))
                .isEqualTo("relay via aaaaaaaa: both NATs are address-and-port-dependent; their ports are being tried");
        assertThat(text(HARD, facts(Dependence.ADDRESS_DEPENDENT), Kind.RELAY, false))
                .isEqualTo("relay via aaaaaaaa: the NAT of 33333333 is address-and-port-dependent and that of 77777777"
                        + " address-dependent");
        assertThat(text(EASY, HARD, Kind.RELAY, true))
                .isEqualTo("relay via aaaaaaaa: the NAT of 77777777 is address-and-port-dependent; its ports are being"
                        + " tried");
        assertThat(text(EASY, EASY, Kind.RELAY, false)).isEqualTo("relay via aaaaaaaa: no direct address has answered");
        assertThat(text(NatFacts.UNKNOWN, NatFacts.UNKNOWN, Kind.RING, false))
                .isEqualTo("ring: no direct address has answered, and no relay is found yet");
    }

    @Test
    void text_fromTheOtherEnd_isTheSame() {
        List<NatFacts> all = new ArrayList<>();
        for (Passage udp : Passage.values()) {
            for (Dependence mapping : Dependence.values()) {
                for (Dependence filtering : Dependence.values()) {
                    all.add(new NatFacts(udp, mapping, filtering));
                }
            }
        }
        int texts = 0;
        for (NatFacts low : all) {
            for (NatFacts high : all) {
                for (Kind kind : Kind.values()) {
                    for (boolean trying : new boolean[] {false, true}) {
                        OverlayId via = kind == Kind.RELAY ? RELAY : null;
                        String text = text(low, high, kind, trying);
                        assertThat(PathReason.text(new End(HIGH, high), new End(LOW, low), kind, via, trying))
                                .isEqualTo(text);
                        assertThat(text)
                                .isNotBlank()
                                .doesNotContain("null")
                                .doesNotContain("unknown")
                                .doesNotContain("\n");
                        texts++;
                    }
                }
            }
        }
        assertThat(texts).isEqualTo(all.size() * all.size() * Kind.values().length * 2);
    }
}
