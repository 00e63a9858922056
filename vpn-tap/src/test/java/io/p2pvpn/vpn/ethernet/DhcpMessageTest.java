package io.p2pvpn.vpn.ethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DhcpMessageTest {
    private final Frames.Client client = new Frames.Client(Frames.GUEST, "Web-1.example.org");

    @Test
    void parse_whatAClientSays_isAllOfIt() {
        client.broadcast = true;
        byte[] bytes = client.dhcp(DhcpMessage.REQUEST, 0x0a07_0003, 0x0a07_0001, 0x0a07_0002);
        assertThat(DhcpMessage.parse(bytes, 0, bytes.length))
                .isEqualTo(new DhcpMessage(
                        DhcpMessage.FROM_CLIENT,
                        DhcpMessage.REQUEST,
                        client.transaction,
                        true,
                        0x0a07_0003,
                        0,
                        Frames.GUEST,
                        0x0a07_0001,
                        0x0a07_0002,
                        "web-1"));
    }

    /** Options may be missing at the end, but none be cut. */
    @Test
    void parse_cutAtAnyLength_isNullOrWhole() {
        byte[] bytes = client.dhcp(DhcpMessage.DISCOVER, 0, 0x0a07_0001, 0);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            DhcpMessage message = DhcpMessage.parse(cut, 0, length);
            if (length < DhcpMessage.FIXED_BYTES + 3) {
                assertThat(message).as("of %d", length).isNull();
            } else if (message != null) {
                assertThat(message.type()).isEqualTo(DhcpMessage.DISCOVER);
                assertThat(message.requestedIp()).isIn(0, 0x0a07_0001);
            }
        }
    }

    @Test
    void parse_damaged_isNullOrOfTheKnownTypes() {
        long seed = Long.getLong("test.seed", 31L);
        System.out.println("test.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = client.dhcp(DhcpMessage.REQUEST, 1, 2, 3);
            for (int k = random.nextInt(6); k >= 0; k--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            DhcpMessage message = DhcpMessage.parse(bytes, 0, bytes.length);
            if (message != null) {
                assertThat(message.type()).isBetween(DhcpMessage.DISCOVER, DhcpMessage.INFORM);
                assertThat(message.hostName()).matches("[a-z0-9-]{0,63}");
            }
        }
    }

    @Test
    void parse_hostNameThatCannotBe_isEmpty() {
        for (String wrong : new String[] {"", "-a", "a-", "a b", ".", "x".repeat(64), "\u00e4"}) {
            byte[] bytes = new Frames.Client(Frames.GUEST, wrong).dhcp(DhcpMessage.DISCOVER, 0, 0, 0);
            DhcpMessage message = DhcpMessage.parse(bytes, 0, bytes.length);
            assertThat(message).isNotNull().extracting(DhcpMessage::hostName).isEqualTo("");
        }
    }

    @Test
    void parse_anotherKindOfHardware_isNull() {
        byte[] bytes = client.dhcp(DhcpMessage.DISCOVER, 0, 0, 0);
        bytes[1] = 6;
        assertThat(DhcpMessage.parse(bytes, 0, bytes.length)).isNull();
    }

    @Test
    void reply_parsed_isWhatWasWritten() {
        byte[] asked = client.dhcp(DhcpMessage.DISCOVER, 0, 0, 0);
        DhcpReply reply = new DhcpReply();
        DhcpMessage question = DhcpMessage.parse(asked, 0, asked.length);
        assertThat(question).isNotNull();
        if (question != null) {
            reply.begin(question, DhcpMessage.OFFER, 0x0a07_0009, 0x0a07_0005);
            reply.option(DhcpMessage.OPTION_DOMAIN, "lab.p2pvpn.internal");
            int length = reply.finish(0x0a07_0005, -1);
            DhcpMessage parsed = DhcpMessage.parse(reply.buffer(), DhcpReply.HEADERS_BYTES, length - 28);
            assertThat(length).isEqualTo(28 + 300);
            assertThat(parsed)
                    .isEqualTo(new DhcpMessage(
                            DhcpMessage.FROM_SERVER,
                            DhcpMessage.OFFER,
                            question.transaction(),
                            false,
                            0,
                            0,
                            Frames.GUEST,
                            0,
                            0x0a07_0005,
                            ""));
        }
    }
}
