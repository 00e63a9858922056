package io.p2pvpn.nat.portmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodecTest {
    private static final MappedPort UDP = new MappedPort(Endpoint.Kind.UDP, 4001);
    private static final String NONCE = "000102030405060708090a0b";

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    // ---------------------------------------------------------------------------- PCP

    @Test
    void pcpMapRequest_isAsInRfc6887() {
        byte[] request = PcpCodec.mapRequest(
                FakeRouter.OWN, new PcpCodec.Nonce(0x0001020304050607L, 0x08090a0b), UDP, null, 600);

        assertThat(request)
                .isEqualTo(hex("02 01 0000 00000258 00000000000000000000ffffc0a80114 " + NONCE
                        + " 11 000000 0fa1 0000 00000000000000000000ffff00000000"));
    }

    @Test
    void pcpParse_mapAnswer_allFields() {
        PcpCodec.Reply reply = PcpCodec.parse(hex("02 81 0000 00000078 00000e10 000000000000000000000000 " + NONCE
                + " 11 000000 0fa1 1f40 00000000000000000000ffff2d437112"));

        assertThat(reply).isNotNull();
        assertThat(reply.result()).isZero();
        assertThat(reply.lifetimeSeconds()).isEqualTo(120);
        assertThat(reply.epochSeconds()).isEqualTo(3600);
        assertThat(reply.mapping().internalPort()).isEqualTo(4001);
        assertThat(reply.mapping().external()).hasToString("udp://45.67.113.18:8000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02",
                "0281",
                "0201000000000000000000000000000000000000000000000000",
                "0281000000000000000000000000000000000000000000000000",
                "02 85 0000 00000000 00000000 000000000000000000000000"
            })
    void pcpParse_noAnswer_null(String hex) {
        assertThat(PcpCodec.parse(hex(hex))).isNull();
    }

    @Test
    void pcpParse_natPmpServer_versionOnly() {
        assertThat(PcpCodec.parse(hex("00 81 0001 00000009")).version()).isZero();
    }

    // ------------------------------------------------------------------------ NAT-PMP

    @Test
    void natPmpRequests_areAsInRfc6886() {
        assertThat(NatPmpCodec.addressRequest()).isEqualTo(hex("0000"));
        assertThat(NatPmpCodec.mapRequest(UDP, 4001, 7200)).isEqualTo(hex("00 01 0000 0fa1 0fa1 00001c20"));
    }

    @Test
    void natPmpParse_answers_allFields() {
        NatPmpCodec.Reply address = NatPmpCodec.parse(hex("00 80 0000 00000e10 2d437112"));
        NatPmpCodec.Reply mapping = NatPmpCodec.parse(hex("00 81 0000 00000e10 0fa1 1f40 00000258"));
        NatPmpCodec.Reply refused = NatPmpCodec.parse(hex("00 81 0002 00000e10 0fa1 0000 00000000"));

        assertThat(address.address().getHostAddress()).isEqualTo("45.67.113.18");
        assertThat(mapping.externalPort()).isEqualTo(8000);
        assertThat(mapping.lifetimeSeconds()).isEqualTo(600);
        assertThat(refused.result()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "00", "0080000000000e10", "008000000000", "0281000000000e10", "00 81 0000 00000e10 0fa1"})
    void natPmpParse_noAnswer_null(String hex) {
        assertThat(NatPmpCodec.parse(hex(hex))).isNull();
    }

    // --------------------------------------------------------------------------- UPnP

    @Test
    void ssdpLocation_otherDevices_null() {
        assertThat(SsdpCodec.location(text("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nLOCATION: http://a/\r\n\r\n")))
                .isNull();
        assertThat(SsdpCodec.location(text("NOTIFY * HTTP/1.1\r\nLOCATION: http://a/\r\n\r\n")))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://192.168.1.66/a",
                "https://192.168.1.1/a",
                "http://192.168.1.1.example/a",
                "http://192.168.1.1@192.168.1.66/a",
                "http://user@192.168.1.1/a",
                "http://192.168.1.1:0/a",
                "http://192.168.1.1:70000/a",
                "http://192.168.1.1/a b",
                "http://192.168.1.1/a\r\nX: y",
                "file:///etc/passwd"
            })
    void gatewayUrl_elsewhereOrStrange_null(String url) {
        assertThat(GatewayUrl.parse(url, "192.168.1.1")).isNull();
    }

    @Test
    void gatewayUrl_references_resolved() {
        GatewayUrl url = GatewayUrl.parse("http://192.168.1.1:5000/dir/root.xml", "192.168.1.1");

        assertThat(url.resolve("/ctl", "192.168.1.1")).isEqualTo(new GatewayUrl(5000, "/ctl"));
        assertThat(url.resolve("ctl?x", "192.168.1.1")).isEqualTo(new GatewayUrl(5000, "/dir/ctl?x"));
        assertThat(url.resolve("http://192.168.1.1/c", "192.168.1.1")).isEqualTo(new GatewayUrl(80, "/c"));
        assertThat(url.resolve("http://192.168.1.2/c", "192.168.1.1")).isNull();
        assertThat(url.resolve("a\r\nb", "192.168.1.1")).isNull();
    }

    @Test
    void xml_documentTypes_refused() {
        assertThat(UpnpXml.values(text("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a><b>&x;</b></a>")))
                .isNull();
        assertThat(UpnpXml.values(text("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><a><b>c</b></a>")))
                .isNull();
        assertThat(UpnpXml.values(text("<a><b>&x;</b></a>"))).isNull();
    }

    @Test
    void xml_tooDeepOrTooMuch_refusedOrCut() {
        assertThat(UpnpXml.values(text("<a>".repeat(33) + "</a>".repeat(33)))).isNull();
        assertThat(UpnpXml.values(text("<a>" + "<b/>".repeat(5000) + "</a>"))).isNull();
        assertThat(UpnpXml.values(text("<a><b>" + "x".repeat(5000) + "</b></a>"))
                        .get("b"))
                .hasSize(1024);
    }

    @Test
    void httpReply_chunked_joined() {
        HttpReply reply = HttpReply.parse(
                text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n"));

        assertThat(reply.isWhole()).isTrue();
        assertThat(new String(reply.body(), StandardCharsets.US_ASCII)).isEqualTo("abcde");
    }

    @Test
    void httpReply_notWholeYet_saysSo() {
        assertThat(HttpReply.parse(text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"))
                        .isWhole())
                .isFalse();
        assertThat(HttpReply.parse(text("HTTP/1.1 200 OK\r\nContent-Le"))).isNull();
    }

    // -------------------------------------------------------------------------- others

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.1", "100.64.0.1", "172.31.0.1", "192.168.0.1", "203.0.113.1", "0.0.0.0", "240.0.0.1"})
    void isGlobal_specialBlocks_false(String address) {
        assertThat(Ipv4Text.isGlobal(Ipv4Text.parse(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"45.67.113.2", "100.128.0.1", "172.32.0.1", "8.8.8.8", "223.255.255.1"})
    void isGlobal_others_true(String address) {
        assertThat(Ipv4Text.isGlobal(Ipv4Text.parse(address))).isTrue();
    }

    @Test
    void epochWatch_clockGoesBackOrJumps_restart() {
        EpochWatch watch = new EpochWatch();
        long second = 1_000_000_000L;
        assertThat(watch.onEpoch(1000, 0)).isFalse();
        assertThat(watch.onEpoch(1060, 60 * second)).isFalse();
        assertThat(watch.onEpoch(1059, 60 * second)).isFalse();
        assertThat(watch.onEpoch(5, 70 * second)).isTrue();
        assertThat(watch.onEpoch(65, 130 * second)).isFalse();
        assertThat(watch.onEpoch(400, 190 * second)).isTrue();
    }
}
