package io.p2pvpn.vpn.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.group.GroupAddress.Reach;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupAddressTest {
    static GroupAddress group(String text) {
        try {
            byte[] bytes = InetAddress.getByName(text).getAddress();
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return bytes.length == 4
                    ? GroupAddress.of4(buffer.getInt())
                    : new GroupAddress(buffer.getLong(), buffer.getLong());
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "255.255.255.255, ALL",
        "224.0.0.1, ALL",
        "224.0.0.251, LINK",
        "224.0.0.252, LINK",
        "224.0.0.2, NOBODY",
        "224.0.0.22, NOBODY",
        "224.0.1.1, WANTED",
        "239.255.255.250, WANTED",
        "240.0.0.1, NOBODY",
        "10.1.2.3, NOBODY",
        "ff02::1, ALL",
        "ff02::2, NOBODY",
        "ff02::16, NOBODY",
        "ff02::fb, LINK",
        "ff02::1:2, NOBODY",
        "ff02::1:ff12:3456, NOBODY",
        "ff02::1:3, LINK",
        "ff12::7032:7076, LINK",
        "ff01::1, NOBODY",
        "ff05::fb, WANTED",
        "ff0e::1234, WANTED",
        "fd00::1, NOBODY"
    })
    void reach_ofKnownAddresses_isWhatSwitchesDo(String address, Reach reach) {
        assertThat(group(address).reach()).isEqualTo(reach);
    }

    @ParameterizedTest
    @CsvSource({"224.0.0.251", "ff02::fb"})
    void bytes_thereAndBack_areTheSame(String address) {
        GroupAddress group = group(address);
        assertThat(GroupAddress.of(group.toByteArray())).isEqualTo(group);
        assertThat(GroupAddress.of(new byte[15])).isNull();
    }
}
