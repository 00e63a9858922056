package io.p2pvpn.vpn.packet;

import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** Reading headers, cutting super-packets and putting them together again. */
@State(Scope.Thread)
public class PacketBenchmark {
    private static final int SEGMENTS = 45;
    private static final int MTU_BYTES = 1400;
    private static final int PAYLOAD_BYTES = MTU_BYTES - 40;

    private final byte[] single = packet(PAYLOAD_BYTES);
    private final byte[] big = packet(SEGMENTS * PAYLOAD_BYTES);
    private final byte[] buffer = new byte[big.length];
    private final byte[] cut = new byte[SEGMENTS * MTU_BYTES];
    private final IpPacket packet = new IpPacket();
    private final Segmenter segmenter = new Segmenter();
    private int written;
    private final Coalescer coalescer =
            new Coalescer((bytes, offset, length, packets) -> written += packets, true, true);

    /** Cuts a super-packet, so that there is something to put together. */
    public PacketBenchmark() {
        System.arraycopy(big, 0, buffer, 0, big.length);
        if (!segmenter.begin(buffer, 0, buffer.length, MTU_BYTES)) {
            throw new IllegalStateException("not to be cut");
        }
        int at = 0;
        for (int bytes = segmenter.next(); bytes > 0; bytes = segmenter.next()) {
            System.arraycopy(buffer, segmenter.packetOffset(), cut, at, bytes);
            at += bytes;
        }
    }

    /** A TCP packet of 1400 bytes behind its virtio header. */
    private static byte[] packet(int payloadBytes) {
        byte[] bytes = new byte[VnetHeader.LENGTH + 40 + payloadBytes];
        VnetHeader.writePartial(bytes, 0, 20, 16);
        if (payloadBytes > PAYLOAD_BYTES) {
            VnetHeader.writeGso(bytes, 0, VnetHeader.GSO_TCPV4, 40, PAYLOAD_BYTES);
        }
        ByteBuffer ip = ByteBuffer.wrap(bytes, VnetHeader.LENGTH, 40).slice();
        ip.putShort((short) 0x4500).putShort((short) (40 + payloadBytes)).putInt(0x0001_4000);
        ip.put((byte) 64).put((byte) IpPacket.PROTOCOL_TCP).putShort((short) 0);
        ip.putInt(0x0a01_0001).putInt(0x0a01_0002);
        ip.putInt(0x1389_138a).putInt(1).putInt(1).putShort((short) 0x5010).putShort((short) 501);
        Checksum.writeIpv4Header(bytes, VnetHeader.LENGTH, 20);
        return bytes;
    }

    /** Reads the headers of one packet. */
    @Benchmark
    public boolean parse() {
        return packet.parse(single, VnetHeader.LENGTH, single.length - VnetHeader.LENGTH);
    }

    /** Per packet: a super-packet of 45 is copied and cut. */
    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public void cut(Blackhole hole) {
        System.arraycopy(big, 0, buffer, 0, big.length);
        segmenter.begin(buffer, 0, buffer.length, MTU_BYTES);
        for (int bytes = segmenter.next(); bytes > 0; bytes = segmenter.next()) {
            hole.consume(segmenter.packetOffset());
        }
    }

    /** Per packet: 45 are read and put together. */
    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public int merge() {
        for (int at = 0; at < cut.length; at += MTU_BYTES) {
            packet.parse(cut, at, MTU_BYTES);
            coalescer.add(cut, packet, true);
        }
        coalescer.flush();
        return written;
    }
}
