package io.p2pvpn.overlay.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FrameTest {
    @Test
    void putHeader_ofKnownValues_hasTheDrawnLayout() {
        byte[] frame = new byte[1 + Frame.OVERHEAD_BYTES];
        Frame.putHeader(frame, 1, Frame.TYPE_DATA, 0xfe, 0x80010203, 0x0a0b0c0d0e0f1011L);
        assertThat(HexFormat.of().formatHex(frame, 1, 1 + Frame.HEADER_BYTES))
                .isEqualTo("15fe000080010203000000000a0b0c0d0e0f1011");
        assertThat(Frame.type(frame, 1, Frame.OVERHEAD_BYTES)).isEqualTo(Frame.TYPE_DATA);
        assertThat(Frame.lane(frame, 1)).isEqualTo(0xfe);
        assertThat(Frame.receiver(frame, 1)).isEqualTo(0x80010203);
        assertThat(Frame.label(frame, 1)).isZero();
        assertThat(Frame.counter(frame, 1)).isEqualTo(0x0a0b0c0d0e0f1011L);
        Frame.putSender(frame, 1, 0x77777777);
        assertThat(Frame.sender(frame, 1)).isEqualTo(0x77777777);
    }

    @Test
    void type_ofWhatIsNoFrame_isZero() {
        byte[] frame = new byte[Frame.OVERHEAD_BYTES];
        Frame.putHeader(frame, 0, Frame.TYPE_DATA, 0, 1, 2);
        assertThat(Frame.type(frame, 0, Frame.OVERHEAD_BYTES - 1)).isZero();
        for (int index : new int[] {2, 3}) {
            byte[] reserved = frame.clone();
            reserved[index] = 1;
            assertThat(Frame.type(reserved, 0, reserved.length)).isZero();
        }
        byte[] otherVersion = frame.clone();
        otherVersion[0] = 0x25;
        assertThat(Frame.type(otherVersion, 0, otherVersion.length)).isZero();
    }
}
