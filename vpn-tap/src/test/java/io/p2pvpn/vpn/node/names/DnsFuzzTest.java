package io.p2pvpn.vpn.node.names;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.vpn.names.FakeNames;
import io.p2pvpn.vpn.names.NameAnswers;
import io.p2pvpn.vpn.names.NameZone;
import io.p2pvpn.vpn.tun.Cidr;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Any query is answered or dropped, and never by more than was said to be taken. {@code lab/fuzz} looks further. */
class DnsFuzzTest {
    private static final InetSocketAddress OWN = new InetSocketAddress("10.7.0.1", 53);
    private static final InetSocketAddress ASKER = new InetSocketAddress("10.7.0.1", 4000);
    private static final int MUTATIONS = 5_000;

    private final EventLoop loop = new DefaultEventLoop();
    private final Counters counters = new Counters();
    private final DnsServer server = new DnsServer(
            loop,
            List.of(OWN.getAddress()),
            counters,
            new NameAnswers(
                    new NameZone("lab", Cidr.of4(0x0a07_0000, 16), 1), new FakeNames().with("web", 0x0a07_0001)),
            asker -> asker.getHostAddress().equals("10.7.0.9"));

    @AfterEach
    void stop() {
        var unused = loop.shutdownGracefully();
    }

    @FuzzTest
    void datagrams(byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel();
        server.addDatagramHandlers(channel.pipeline());
        channel.writeInbound(new DatagramPacket(Unpooled.wrappedBuffer(bytes), OWN, ASKER));
        DatagramPacket answer = channel.readOutbound();
        if (answer != null) {
            assertThat(answer.recipient()).isEqualTo(ASKER);
            assertThat(answer.content().readableBytes()).isBetween(12, 1232);
            ReferenceCountUtil.release(answer);
        }
        assertThat(channel.<Object>readOutbound()).isNull();
        channel.finishAndReleaseAll();
    }

    @FuzzTest
    void streams(byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel();
        server.addStreamHandlers(channel.pipeline());
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        channel.finishAndReleaseAll();
    }

    /** Without a fuzzing engine: valid queries, changed at random places. */
    @Test
    void mutations_ofValidQueries_areAnsweredOrDropped() {
        long seed = Long.getLong("test.seed", 29L);
        System.out.println("test.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] query = query("web.lab.p2pvpn.internal", 1 + random.nextInt(40));
            for (int k = random.nextInt(4); k >= 0; k--) {
                query[random.nextInt(query.length)] = (byte) random.nextInt();
            }
            int length = random.nextInt(8) == 0 ? random.nextInt(query.length) : query.length;
            byte[] cut = Arrays.copyOf(query, length);
            datagrams(cut);
            streams(ByteBuffer.allocate(2 + cut.length)
                    .putShort((short) cut.length)
                    .put(cut)
                    .array());
        }
    }

    @Test
    void query_ofAStranger_isDroppedAndCounted() {
        EmbeddedChannel channel = new EmbeddedChannel();
        server.addDatagramHandlers(channel.pipeline());
        ByteBuf query = Unpooled.wrappedBuffer(query("web.lab.p2pvpn.internal", 1));
        channel.writeInbound(new DatagramPacket(query, OWN, new InetSocketAddress("10.7.0.2", 4000)));
        assertThat(channel.<Object>readOutbound()).isNull();
        assertThat(counters.snapshot()).containsEntry("dns.drop.stranger", 1L);
        channel.finishAndReleaseAll();
    }

    @Test
    void query_ofAMember_isAnswered() {
        EmbeddedChannel channel = new EmbeddedChannel();
        server.addDatagramHandlers(channel.pipeline());
        ByteBuf query = Unpooled.wrappedBuffer(query("web.lab.p2pvpn.internal", 1));
        channel.writeInbound(new DatagramPacket(query, OWN, ASKER));
        DatagramPacket answer = channel.readOutbound();
        byte[] bytes = new byte[answer.content().readableBytes()];
        answer.content().readBytes(bytes);
        answer.release();
        assertThat(bytes).startsWith(0x12, 0x34).containsSequence(0, 4, 10, 7, 0, 1);
        channel.finishAndReleaseAll();
    }

    /** With recursion desired, one question, and room for 1232 bytes offered (RFC 6891). */
    private static byte[] query(String name, int type) {
        ByteBuffer query = ByteBuffer.allocate(512);
        query.putShort((short) 0x1234).putShort((short) 0x0100);
        query.putShort((short) 1).putShort((short) 0).putShort((short) 0).putShort((short) 1);
        for (String label : name.split("\\.", -1)) {
            query.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        query.put((byte) 0).putShort((short) type).putShort((short) 1);
        query.put((byte) 0)
                .putShort((short) 41)
                .putShort((short) 1232)
                .putInt(0)
                .putShort((short) 0);
        return Arrays.copyOf(query.array(), query.position());
    }
}
