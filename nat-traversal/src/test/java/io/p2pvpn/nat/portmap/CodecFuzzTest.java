package io.p2pvpn.nat.portmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whatever comes from the local network is read or refused, and nothing else. {@code JAZZER_FUZZ=1} looks further. */
class CodecFuzzTest {
    private static final int MUTATIONS = 2_000;

    @FuzzTest
    void pcp(byte[] bytes) {
        PcpCodec.Reply reply = PcpCodec.parse(bytes);
        if (reply != null && reply.mapping() != null && reply.mapping().external() != null) {
            assertThat(reply.mapping().external().isUnusable()).isFalse();
        }
    }

    @FuzzTest
    void natPmp(byte[] bytes) {
        NatPmpCodec.Reply reply = NatPmpCodec.parse(bytes);
        assertThat(reply == null || reply.externalPort() <= 65_535).isTrue();
    }

    @FuzzTest
    void upnp(byte[] bytes) {
        String location = SsdpCodec.location(bytes);
        GatewayUrl url = location == null ? null : GatewayUrl.parse(location, "192.168.1.1");
        assertThat(url == null || url.path().startsWith("/")).isTrue();
        HttpReply reply = HttpReply.parse(bytes);
        if (reply != null) {
            assertThat(reply.body().length).isLessThanOrEqualTo(bytes.length);
            var unused = UpnpXml.values(reply.body());
        }
        var values = UpnpXml.values(bytes);
        var description = UpnpXml.description(bytes);
        assertThat(values == null || values.size() <= 32).isTrue();
        assertThat(description == null || description.services().size() <= 8).isTrue();
    }

    /** Without a fuzzing engine: valid messages, changed at random places. */
    @Test
    void mutations_ofValidMessages_nothingThrown() {
        String description = "<root><URLBase>http://192.168.1.1/</URLBase><service><serviceType>"
                + "urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>"
                + "<controlURL>/c</controlURL></service></root>";
        String head = """
                HTTP/1.1 200 OK
                ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1
                LOCATION: http://192.168.1.1:5000/root.xml
                Transfer-Encoding: chunked

                40
                """;
        byte[] pcp = PcpCodec.mapRequest(
                FakeRouter.OWN, new PcpCodec.Nonce(1, 2), new MappedPort(Endpoint.Kind.UDP, 4001), null, 600);
        pcp[1] |= (byte) 0x80;
        byte[] natPmp = {0, (byte) 0x81, 0, 0, 0, 0, 0, 9, 15, 1, 15, 1, 0, 0, 1, 1};
        mutate(pcp, this::pcp);
        mutate(natPmp, this::natPmp);
        for (String text : List.of(description, head + description)) {
            mutate(text.getBytes(StandardCharsets.US_ASCII), this::upnp);
        }
    }

    private static void mutate(byte[] valid, Consumer<byte[]> reader) {
        SplittableRandom random = new SplittableRandom(valid.length);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = Arrays.copyOf(valid, random.nextInt(valid.length + 4));
            for (int n = random.nextInt(6); n > 0 && bytes.length > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            reader.accept(bytes);
        }
    }
}
