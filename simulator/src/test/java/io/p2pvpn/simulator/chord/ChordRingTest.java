package io.p2pvpn.simulator.chord;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.HostKind;
import io.p2pvpn.simulator.LinkModel;
import io.p2pvpn.simulator.chord.ChordRing.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ChordRingTest {
    private static final int NODES = 40;
    private static final int LOOK_UPS = 200;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private static ChordRing ring(HostKind others) {
        ChordRing ring = new ChordRing(1, (from, to) -> LinkModel.constantDelay(20_000_000));
        for (int i = 0; i < NODES; i++) {
            ring.start(i % 2 == 0 ? HostKind.OPEN : others);
            ring.world().runFor(SECOND_NANOS / 2);
        }
        ring.world().runFor(120 * SECOND_NANOS);
        return ring;
    }

    private static List<Answer> lookUps(ChordRing ring) {
        SplittableRandom random = new SplittableRandom(1);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < LOOK_UPS; i++) {
            byte[] key = new byte[OverlayId.BYTES];
            random.nextBytes(key);
            ring.lookUp(ring.nodes().get(random.nextInt(NODES)), OverlayId.of(key), answers::add);
        }
        ring.world().runFor(60 * SECOND_NANOS);
        assertThat(answers).hasSize(LOOK_UPS);
        return answers;
    }

    @Test
    void ring_ofHostsThatAllCanCall_isRight_andFindsEverything() {
        ChordRing ring = ring(HostKind.OPEN);
        assertThat(ring.rightShare()).isEqualTo(1);
        assertThat(lookUps(ring)).allMatch(Answer::isRight);
    }

    @Test
    void ring_ofWhichHalfIsBehindNatBoxes_losesLookUps() {
        ChordRing ring = ring(HostKind.PORT_RESTRICTED);
        assertThat(ring.rightShare()).isLessThan(1);
        assertThat(lookUps(ring)).anyMatch(answer -> !answer.isRight());
    }
}
