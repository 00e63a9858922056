package io.p2pvpn.vpn.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ChecksumTest {
    private final Random random = new Random(Long.getLong("test.seed", 11L));

    @Test
    void sum_exampleOfRfc1071_ddf2() {
        byte[] bytes = {0x00, 0x01, (byte) 0xf2, 0x03, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
        assertThat(Checksum.fold(Checksum.sum(bytes, 0, 8, 0))).isEqualTo(0xddf2);
    }

    @Test
    void sum_randomRanges_asNaive() {
        for (int i = 0; i < 5000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            if (random.nextInt(4) == 0) {
                Arrays.fill(bytes, (byte) 0xff);
            } else {
                random.nextBytes(bytes);
            }
            int from = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
            int expected = Packets.naiveSum(bytes, from, bytes.length);
            assertThat(Checksum.fold(Checksum.sum(bytes, from, bytes.length - from, 0)))
                    .isEqualTo(expected);
        }
    }

    @Test
    void update_randomWord_asRecomputed() {
        byte[] bytes = new byte[64];
        for (int i = 0; i < 5000; i++) {
            random.nextBytes(bytes);
            int before = Checksum.compute(bytes, 0, 64, 0);
            int at = 2 * random.nextInt(32);
            int old = BigEndian.getShort(bytes, at);
            int now = random.nextInt(65536);
            BigEndian.putShort(bytes, at, now);
            assertThat(Checksum.update(before, old, now)).isEqualTo(Checksum.compute(bytes, 0, 64, 0));
        }
    }

    @Test
    void complete_partialPacket_right() {
        for (int i = 0; i < 2000; i++) {
            byte[] payload = new byte[random.nextInt(50)];
            random.nextBytes(payload);
            boolean tcp = random.nextBoolean();
            byte[] packet = Packets.partial(
                    Packets.flow(random.nextBoolean(), tcp, 1, 2, random.nextInt(65536), new byte[0]),
                    1,
                    2,
                    3,
                    payload);
            byte[] expected = Packets.completed(packet);
            int transport = packet[0] >> 4 == 4 ? 20 : 40;
            Checksum.complete(packet, transport, packet.length, transport + (tcp ? 16 : 6));
            assertThat(packet).isEqualTo(expected);
            assertThat(Packets.isRight(packet)).isTrue();
        }
    }

    @Test
    void clamp_synWithMssAnywhere_loweredAndChecksumRight() {
        IpPacket ip = new IpPacket();
        for (int nops = 0; nops <= 4; nops++) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                byte[] options = new byte[8];
                Arrays.fill(options, 0, nops, (byte) 1);
                ByteBuffer.wrap(options).put(nops, (byte) 2).put(nops + 1, (byte) 4);
                ByteBuffer.wrap(options).putShort(nops + 2, (short) 1460);
                byte[] partial =
                        Packets.partial(Packets.flow(ipv6, true, 1, 2, 3, options), 1, 2, 0x02, new byte[] {7});
                byte[] complete = Packets.completed(partial);
                assertThat(ip.parse(complete, 0, complete.length)).isTrue();

                assertThat(MssClamp.clamp(complete, ip, false, 1300)).isTrue();
                assertThat(Packets.isRight(complete)).isTrue();
                assertThat(MssClamp.clamp(complete, ip, false, 1300)).isFalse();
                assertThat(MssClamp.clamp(partial, ip, true, 1300)).isTrue();
                assertThat(Packets.completed(partial)).isEqualTo(complete);
                int value = ip.transportOffset() + 20 + nops + 2;
                assertThat(BigEndian.getShort(complete, value)).isEqualTo(ipv6 ? 1240 : 1260);
            }
        }
    }

    @Test
    void clamp_optionsDamagedOrNoSyn_untouched() {
        IpPacket ip = new IpPacket();
        for (byte[] options : new byte[][] {{2, 0, 5, (byte) 0xb4}, {2, 8, 9, 9}, {3, 1, 2, 4}, {1, 1, 1, 2}}) {
            for (int flags : new int[] {0x02, 0x10}) {
                byte[] packet = Packets.partial(Packets.flow(false, true, 1, 2, 3, options), 1, 2, flags, new byte[0]);
                byte[] before = packet.clone();
                assertThat(ip.parse(packet, 0, packet.length)).isTrue();
                assertThat(MssClamp.clamp(packet, ip, false, 1300)).isFalse();
                assertThat(packet).isEqualTo(before);
            }
        }
    }

    @Test
    void icmpErrors_forTcpPacket_rightAndAddressedToItsSource() {
        IpPacket ip = new IpPacket();
        byte[] out = new byte[IcmpErrors.LENGTH_MAX + 7];
        for (boolean ipv6 : new boolean[] {false, true}) {
            byte[] packet = Packets.partial(Packets.flow(ipv6, true, 1, 2, 3, new byte[0]), 1, 2, 2, new byte[1399]);
            assertThat(ip.parse(packet, 0, packet.length)).isTrue();
            assertThat(IcmpErrors.mayAnswer(packet, ip)).isTrue();
            int bytes = IcmpErrors.tooBig(packet, ip, 1400, out, 7);
            byte[] error = Packets.slice(out, 7, bytes);
            assertThat(Packets.isRight(error)).isTrue();
            int at = ipv6 ? 40 : 20;
            assertThat(Packets.slice(error, at, 2)).isEqualTo(ipv6 ? new byte[] {2, 0} : new byte[] {3, 4});
            assertThat(BigEndian.getInt(error, at + 4)).isEqualTo(1400);
            assertThat(Packets.slice(error, at + 8, bytes - at - 8))
                    .isEqualTo(Packets.slice(packet, 0, bytes - at - 8));

            byte[] unreachable = Packets.slice(out, 0, IcmpErrors.unreachable(packet, ip, out, 0));
            assertThat(Packets.isRight(unreachable)).isTrue();
            assertThat(ip.parse(unreachable, 0, unreachable.length)).isTrue();
            assertThat(ip.destination6Low() & 0xff).isEqualTo(1);
            assertThat(IcmpErrors.mayAnswer(unreachable, ip)).isFalse();
        }
    }
}
