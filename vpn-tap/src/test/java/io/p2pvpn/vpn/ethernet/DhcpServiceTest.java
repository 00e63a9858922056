package io.p2pvpn.vpn.ethernet;

import static io.p2pvpn.vpn.ethernet.TestPort.OWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.packet.BigEndian;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DhcpServiceTest {
    private final PortRuntime runtime = new PortRuntime();
    private TestPort port = new TestPort(runtime, 7);
    private final Frames.Client client = new Frames.Client(Frames.GUEST, "web");
    private final Frames.Client other = new Frames.Client(Frames.OTHER_GUEST, "db");

    private static int type(byte[] frame) {
        return frame.length == 0 ? 0 : Frames.dhcp(frame).type();
    }

    private static int option4(byte[] frame, int code) {
        return BigEndian.getInt(Frames.option(frame, code), 0);
    }

    @Test
    void discoverAndRequest_giveAnAddressWithAllThatBelongsToIt() {
        byte[] offer = port.ask(client, DhcpMessage.DISCOVER, 0, 0, 0);
        int address = Frames.yourIp(offer);
        assertThat(type(offer)).isEqualTo(DhcpMessage.OFFER);
        assertThat(port.leased).containsOnlyKeys(address);
        assertThat(port.port.isGuest(address)).isFalse();
        byte[] ack = port.ask(client, DhcpMessage.REQUEST, 0, address, OWN);
        assertThat(type(ack)).isEqualTo(DhcpMessage.ACK);
        assertThat(Frames.yourIp(ack)).isEqualTo(address);
        assertThat(Frames.destination(ack)).isEqualTo(Frames.GUEST);
        assertThat(Frames.source(ack)).isEqualTo(port.gateway());
        assertThat(option4(ack, DhcpMessage.OPTION_MASK)).isEqualTo(0xffff_0000);
        assertThat(option4(ack, DhcpMessage.OPTION_SERVER)).isEqualTo(OWN);
        assertThat(option4(ack, DhcpMessage.OPTION_DNS)).isEqualTo(OWN);
        assertThat(option4(ack, DhcpMessage.OPTION_LEASE_SECONDS)).isEqualTo(GuestBook.LEASE_SECONDS);
        assertThat(Frames.option(ack, DhcpMessage.OPTION_MTU)).containsExactly(TestPort.MTU >> 8, TestPort.MTU & 0xff);
        assertThat(new String(Frames.option(ack, DhcpMessage.OPTION_DOMAIN), StandardCharsets.US_ASCII))
                .isEqualTo("lab.p2pvpn.internal");
        assertThat(port.port.guests()).containsExactly(new EthernetPort.GuestView("02:11:22:33:44:55", address, "web"));
    }

    @Test
    void ack_whereNamesAreNotAnswered_namesNoServer() {
        port.names = NameService.NONE;
        byte[] offer = port.ask(client, DhcpMessage.DISCOVER, 0, 0, 0);
        assertThat(Frames.option(offer, DhcpMessage.OPTION_DNS)).isEmpty();
        assertThat(Frames.option(offer, DhcpMessage.OPTION_DOMAIN)).isEmpty();
    }

    @Test
    void discover_beforeItIsKnownWhetherNamesAreAnswered_waitsForAMoment() {
        port.names = NameService.UNKNOWN;
        assertThat(port.ask(client, DhcpMessage.DISCOVER, 0, 0, 0)).isEmpty();
        port.runtime.runFor(5);
        assertThat(type(port.ask(client, DhcpMessage.DISCOVER, 0, 0, 0))).isEqualTo(DhcpMessage.OFFER);
    }

    @Test
    void offer_toWhoCannotBeSentToByAddress_isBroadcast() {
        client.broadcast = true;
        byte[] offer = port.ask(client, DhcpMessage.DISCOVER, 0, 0, 0);
        assertThat(Frames.destination(offer)).isEqualTo(MacAddress.BROADCAST);
        assertThat(BigEndian.getInt(offer, 14 + 16)).isEqualTo(-1);
    }

    @Test
    void address_isAnotherForEachAndTheSameAgain() {
        int address = port.bind(client);
        assertThat(port.bind(other)).isNotEqualTo(address).isNotZero();
        assertThat(port.bind(client)).isEqualTo(address);
        port.ask(client, DhcpMessage.RELEASE, address, 0, OWN);
        assertThat(port.leased).doesNotContainKey(address);
        assertThat(port.port.isGuest(address)).isFalse();
        assertThat(port.bind(client)).isEqualTo(address);
        assertThat(new TestPort().bind(client)).isEqualTo(address);
    }

    @Test
    void address_afterARestart_isTakenAgainAtOnce() {
        int address = port.bind(client);
        int released = port.bind(other);
        port.ask(other, DhcpMessage.RELEASE, released, 0, OWN);
        port.port.close();
        port = new TestPort(runtime, 7);
        runtime.runFor(0.1);
        assertThat(port.leased).containsOnlyKeys(address);
        assertThat(port.port.isGuest(address)).isTrue();
        assertThat(port.bind(other)).isEqualTo(released);
    }

    @Test
    void address_ofAnotherMember_isNotGiven() {
        int first = port.bind(client);
        TestPort elsewhere = new TestPort();
        elsewhere.held.add(first);
        assertThat(elsewhere.bind(client)).isNotEqualTo(first).isNotZero();
        assertThat(elsewhere.takes).isEqualTo(2);
    }

    @Test
    void request_afterARestartOfTheClient_isAckOrNak() {
        int address = port.bind(client);
        assertThat(type(port.ask(client, DhcpMessage.REQUEST, 0, address, 0))).isEqualTo(DhcpMessage.ACK);
        assertThat(type(port.ask(client, DhcpMessage.REQUEST, 0, address + 1, 0)))
                .isEqualTo(DhcpMessage.NAK);
        assertThat(type(port.ask(client, DhcpMessage.REQUEST, 0, 0xc0a8_0101, 0)))
                .isEqualTo(DhcpMessage.NAK);
        // Of other networks nothing is known: another server may have a record of it.
        assertThat(port.ask(other, DhcpMessage.REQUEST, 0, 0xc0a8_0101, 0)).isEmpty();
        // An address of the namespace that nobody has is as good as another.
        assertThat(type(port.ask(other, DhcpMessage.REQUEST, 0, 0x0a07_3344, 0)))
                .isEqualTo(DhcpMessage.ACK);
    }

    @Test
    void request_ofWhatWasNotOffered_isNak() {
        byte[] nak = port.ask(client, DhcpMessage.REQUEST, 0, 0x0a07_0042, OWN);
        assertThat(type(nak)).isEqualTo(DhcpMessage.NAK);
        assertThat(Frames.destination(nak)).isEqualTo(MacAddress.BROADCAST);
    }

    @Test
    void request_toAnotherServer_givesTheOfferUp() {
        port.ask(client, DhcpMessage.DISCOVER, 0, 0, 0);
        assertThat(port.leased).hasSize(1);
        assertThat(port.ask(client, DhcpMessage.REQUEST, 0, 0xc0a8_0102, 0xc0a8_0101))
                .isEmpty();
        assertThat(port.leased).isEmpty();
    }

    @Test
    void lease_thatIsNotRenewed_isGivenBackInTime() {
        int address = port.bind(client);
        runtime.runFor(GuestBook.LEASE_SECONDS - 5.0);
        assertThat(type(port.ask(client, DhcpMessage.REQUEST, address, 0, 0))).isEqualTo(DhcpMessage.ACK);
        runtime.runFor(GuestBook.LEASE_SECONDS - 5.0);
        assertThat(port.leased).containsKey(address);
        runtime.runFor(10);
        assertThat(port.leased).isEmpty();
        assertThat(port.port.isGuest(address)).isFalse();
    }

    @Test
    void offer_thatIsNotTaken_isGivenBackSoon() {
        port.ask(client, DhcpMessage.DISCOVER, 0, 0, 0);
        runtime.runFor(62);
        assertThat(port.leased).isEmpty();
    }

    @Test
    void decline_bringsAnotherAddress() {
        int address = port.bind(client);
        port.ask(client, DhcpMessage.DECLINE, 0, address, OWN);
        assertThat(port.leased).isEmpty();
        assertThat(port.bind(client)).isNotEqualTo(address).isNotZero();
    }

    @Test
    void lease_thatIsLostToAnother_isToldAndNakd() {
        int address = port.bind(client);
        Runnable onLost = port.leased.remove(address);
        assertThat(onLost).isNotNull();
        onLost.run();
        assertThat(port.port.isGuest(address)).isFalse();
        assertThat(port.notices).hasSize(1);
        port.held.add(address);
        assertThat(type(port.ask(client, DhcpMessage.REQUEST, address, 0, 0))).isEqualTo(DhcpMessage.NAK);
    }

    @Test
    void inform_ofAGuest_isAnsweredWithoutALease() {
        int address = port.bind(client);
        byte[] ack = port.ask(client, DhcpMessage.INFORM, address, 0, 0);
        assertThat(type(ack)).isEqualTo(DhcpMessage.ACK);
        assertThat(Frames.yourIp(ack)).isZero();
        assertThat(Frames.option(ack, DhcpMessage.OPTION_LEASE_SECONDS)).isEmpty();
        assertThat(port.ask(other, DhcpMessage.INFORM, address, 0, 0)).isEmpty();
    }

    @Test
    void message_ofTheHostOrInAnothersName_isNotAnswered() {
        assertThat(port.ask(new Frames.Client(port.host(), "h"), DhcpMessage.DISCOVER, 0, 0, 0))
                .isEmpty();
        byte[] lying = client.message(DhcpMessage.DISCOVER, 0, 0, 0);
        MacAddress.put(lying, 6, Frames.OTHER_GUEST);
        port.receive(lying);
        assertThat(port.tap.takeSent()).isEmpty();
        assertThat(port.takes).isZero();
    }

    @Test
    void discover_besideAnotherServer_isLeftToThat() {
        int address = port.bind(client);
        port.receive(offerOfAnother());
        assertThat(port.ask(other, DhcpMessage.DISCOVER, 0, 0, 0)).isEmpty();
        assertThat(type(port.ask(client, DhcpMessage.REQUEST, address, 0, 0))).isEqualTo(DhcpMessage.ACK);
        assertThat(port.port.trouble()).contains("another DHCP server");
        assertThat(port.notices).hasSize(1);
        runtime.runFor(601);
        assertThat(port.port.trouble()).isNull();
        assertThat(port.bind(other)).isNotZero();
    }

    private static byte[] offerOfAnother() {
        byte[] message = new Frames.Client(Frames.OTHER_GUEST, "x").dhcp(DhcpMessage.OFFER, 0, 0, 0xc0a8_0101);
        message[0] = DhcpMessage.FROM_SERVER;
        byte[] packet = Frames.udp(0xc0a8_0101, -1, 67, 68, message);
        return Frames.frame(MacAddress.BROADCAST, 0x0255_0000_0001L, EthernetPart.TYPE_IPV4, packet);
    }

    @Test
    void guests_moreThanThereIsRoomFor_getNothing() {
        List<Integer> addresses = new ArrayList<>();
        for (int i = 0; i < GuestBook.GUESTS_MAX + 6; i++) {
            runtime.runFor(1.1);
            byte[] offer = port.ask(new Frames.Client(Frames.GUEST + i, "g" + i), DhcpMessage.DISCOVER, 0, 0, 0);
            if (offer.length > 0) {
                addresses.add(Frames.yourIp(offer));
            }
        }
        assertThat(addresses).hasSize(GuestBook.GUESTS_MAX).doesNotHaveDuplicates();
        assertThat(runtime.count("ethernet.drop.dhcp-full")).isEqualTo(6);
    }

    @Test
    void guests_thatAreMadeUpAtSpeed_areSlowedDown() {
        for (int i = 0; i < 200; i++) {
            port.ask(new Frames.Client(Frames.GUEST + i, "g"), DhcpMessage.DISCOVER, 0, 0, 0);
        }
        assertThat(port.takes).isLessThan(10);
        assertThat(runtime.count("ethernet.drop.dhcp-rate")).isPositive();
    }

    /** Each leaves a record in the DHT for an hour. */
    @Test
    void guests_thatComeAndGo_areFewInAnHour() {
        for (int i = 0; i < 3600; i++) {
            Frames.Client next = new Frames.Client(Frames.GUEST + i, "g");
            byte[] offer = port.ask(next, DhcpMessage.DISCOVER, 0, 0, 0);
            if (offer.length > 0) {
                port.ask(next, DhcpMessage.REQUEST, 0, Frames.yourIp(offer), OWN);
                port.ask(next, DhcpMessage.RELEASE, Frames.yourIp(offer), 0, OWN);
            }
            runtime.runFor(1);
        }
        assertThat(port.takes).isBetween(GuestBook.GUESTS_MAX, GuestBook.GUESTS_MAX + 16);
    }

    @Test
    void take_whileNoReplicasAnswer_isTriedAgain() {
        port.fails = true;
        assertThat(port.ask(client, DhcpMessage.DISCOVER, 0, 0, 0)).isEmpty();
        port.fails = false;
        runtime.runFor(1);
        assertThat(port.tap.takeSent()).isNotEmpty();
        assertThat(port.leased).hasSize(1);
    }

    @Test
    void datagram_thatTheHostReceived_isAnsweredToAGuestOnly() {
        int address = port.bind(client);
        List<byte[]> sent = new ArrayList<>();
        byte[] renew = client.dhcp(DhcpMessage.REQUEST, address, 0, 0);
        byte[] from = ByteBuffer.allocate(4).putInt(address).array();
        port.port.onDatagram(
                renew, from, (buffer, at, length) -> sent.add(Arrays.copyOfRange(buffer, at, at + length)));
        assertThat(sent).hasSize(1);
        assertThat(DhcpMessage.parse(sent.get(0), 0, sent.get(0).length))
                .isNotNull()
                .extracting(DhcpMessage::type)
                .isEqualTo(DhcpMessage.ACK);
        port.port.onDatagram(renew, new byte[] {10, 7, 1, 2}, (buffer, at, length) -> sent.add(buffer));
        assertThat(sent).hasSize(1);
    }
}
