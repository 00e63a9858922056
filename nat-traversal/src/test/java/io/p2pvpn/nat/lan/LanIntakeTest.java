package io.p2pvpn.nat.lan;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class LanIntakeTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final LanIntake intake = new LanIntake(0);

    private static InetAddress sender(int last) throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
    }

    private int taken(InetAddress sender, int offered, long nowNanos) {
        int taken = 0;
        for (int i = 0; i < offered; i++) {
            taken += intake.take(sender, nowNanos) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void oneSender_cannotKeepOthersOut() throws UnknownHostException {
        assertThat(taken(sender(1), 1000, 0)).isEqualTo(LanIntake.PER_SENDER_MAX);
        assertThat(taken(sender(2), 1, 0)).isEqualTo(1);
        assertThat(taken(sender(1), 1000, SECOND_NANOS)).isEqualTo(LanIntake.PER_SENDER_MAX);
    }

    @Test
    void manySenders_areBoundedTogether() throws UnknownHostException {
        int taken = 0;
        for (int last = 1; last < 255; last++) {
            taken += taken(sender(last), 1, 0);
        }
        assertThat(taken).isEqualTo(LanIntake.TOTAL_MAX);
    }
}
