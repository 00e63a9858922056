package io.p2pvpn.vpn.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EcnExitTest {
    private static final int DSCP = 46;

    private final Random random = new Random(Long.getLong("test.seed", 12L));
    private final IpPacket ip = new IpPacket();

    /** The code points of RFC 3168 figure 1, and what is none. */
    private enum Field {
        NOT_ECT(0b00),
        ECT1(0b01),
        ECT0(0b10),
        CE(0b11),
        DROP(EcnExit.DROP);

        final int bits;

        Field(int bits) {
            this.bits = bits;
        }
    }

    /** RFC 6040 figure 4, field by field. */
    @ParameterizedTest
    @CsvSource({
        "NOT_ECT, NOT_ECT, NOT_ECT",
        "NOT_ECT, ECT0, NOT_ECT",
        "NOT_ECT, ECT1, NOT_ECT",
        "NOT_ECT, CE, DROP",
        "ECT0, NOT_ECT, ECT0",
        "ECT0, ECT0, ECT0",
        "ECT0, ECT1, ECT1",
        "ECT0, CE, CE",
        "ECT1, NOT_ECT, ECT1",
        "ECT1, ECT0, ECT1",
        "ECT1, ECT1, ECT1",
        "ECT1, CE, CE",
        "CE, NOT_ECT, CE",
        "CE, ECT0, CE",
        "CE, ECT1, CE",
        "CE, CE, CE",
    })
    void apply_anyTwoFields_asTheTableSays(Field inner, Field outer, Field outgoing) {
        assertThat(EcnExit.outgoing(inner.bits, outer.bits)).isEqualTo(outgoing.bits);
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (boolean tcp : new boolean[] {false, true}) {
                byte[] packet = Packets.partial(Packets.flow(ipv6, tcp, 1, 2, 9, new byte[0]), 7, 1, 0x10, new byte[9]);
                setClass(packet, DSCP << 2 | inner.bits);
                byte[] wanted = packet.clone();
                if (outgoing != Field.DROP) {
                    setClass(wanted, DSCP << 2 | outgoing.bits);
                }
                // The outer DSCP is of no concern.
                boolean passes = apply(packet, 11 << 2 | outer.bits);

                assertThat(passes).isEqualTo(outgoing != Field.DROP);
                assertThat(packet).isEqualTo(wanted);
                assertThat(Packets.isRight(Packets.completed(packet))).isTrue();
            }
        }
    }

    private boolean apply(byte[] packet, int outerClass) {
        byte[] shifted = new byte[packet.length + 8];
        System.arraycopy(packet, 0, shifted, 5, packet.length);
        assertThat(ip.parse(shifted, 5, packet.length)).isTrue();
        boolean passes = EcnExit.apply(shifted, ip, outerClass);
        System.arraycopy(shifted, 5, packet, 0, packet.length);
        return passes;
    }

    /** Written apart from the code under test: the checksum is computed anew. */
    private static void setClass(byte[] packet, int trafficClass) {
        if (packet[0] >> 4 == 4) {
            packet[1] = (byte) trafficClass;
            packet[10] = 0;
            packet[11] = 0;
            ByteBuffer.wrap(packet).putShort(10, (short) (~Packets.naiveSum(packet, 0, 20) & 0xffff));
        } else {
            packet[0] = (byte) (0x60 | trafficClass >> 4);
            packet[1] = (byte) ((packet[1] & 0x0f) | trafficClass << 4);
        }
    }

    @Test
    void trafficClass_ofAnyValue_isParsed() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            byte[] packet = Packets.partial(Packets.flow(ipv6, false, 1, 2, 9, new byte[0]), 7, 1, 0, new byte[9]);
            for (int trafficClass = 0; trafficClass < 256; trafficClass++) {
                setClass(packet, trafficClass);
                assertThat(ip.parse(packet, 0, packet.length)).isTrue();
                assertThat(ip.trafficClass()).isEqualTo(trafficClass);
            }
        }
    }

    @Test
    void apply_markOnAnyHeader_keepsTheChecksumRight() {
        for (int i = 0; i < 5000; i++) {
            byte[] packet = Packets.partial(
                    Packets.flow(false, false, 1, 2, random.nextInt(65536), new byte[0]),
                    random.nextInt(65536),
                    0,
                    0,
                    new byte[random.nextInt(50)]);
            setClass(packet, random.nextInt(64) << 2 | 1 + random.nextInt(3));

            assertThat(apply(packet, random.nextInt(256) | EcnExit.CE)).isTrue();

            assertThat(packet[1] & 3).isEqualTo(EcnExit.CE);
            assertThat(Packets.isRight(Packets.completed(packet))).isTrue();
        }
    }

    @Test
    void apply_twice_isAsOnce() {
        for (int inner = 0; inner < 4; inner++) {
            for (int outer = 0; outer < 4; outer++) {
                int once = EcnExit.outgoing(inner, outer);
                if (once != EcnExit.DROP) {
                    assertThat(EcnExit.outgoing(once, outer)).isEqualTo(once);
                }
            }
        }
    }
}
