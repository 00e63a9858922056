package io.p2pvpn.overlay.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PosixTest {
    private final Posix posix = Posix.get();

    @Test
    void open_missingFile_failsWithErrno() {
        int result = posix.open("/does/not/exist", LinuxConstants.O_RDWR);

        assertThat(result).isEqualTo(-1);
        assertThat(Posix.lastErrno()).isEqualTo(LinuxConstants.ENOENT);
        assertThat(posix.strerror(LinuxConstants.ENOENT)).isEqualTo("No such file or directory");
    }

    @Test
    void readAndWrite_file_moveTheBytes(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("f");
        Files.writeString(file, "hello");
        NativeBuffer buffer = NativeBuffer.allocate(16);
        byte[] out = new byte[5];

        int fd = posix.open(file.toString(), LinuxConstants.O_RDWR | LinuxConstants.O_CLOEXEC);
        long count = posix.read(fd, buffer.address(), buffer.size());
        long written = posix.write(fd, buffer.address(1), 4);
        posix.close(fd);
        buffer.get(0, out, 0, 5);

        assertThat(count).isEqualTo(5);
        assertThat(written).isEqualTo(4);
        assertThat(new String(out, StandardCharsets.UTF_8)).isEqualTo("hello");
        assertThat(Files.readString(file)).isEqualTo("helloello");
    }

    @Test
    void fcntl_nonBlocking_isReportedBack() {
        int fd = posix.socket(LinuxConstants.AF_INET, LinuxConstants.SOCK_DGRAM | LinuxConstants.SOCK_NONBLOCK, 0);
        try {
            assertThat(posix.fcntl(fd, LinuxConstants.F_GETFL, 0) & LinuxConstants.O_NONBLOCK)
                    .isEqualTo(LinuxConstants.O_NONBLOCK);
        } finally {
            posix.close(fd);
        }
    }

    @Test
    void ifNametoindex_loopback_isFound() {
        assertThat(posix.if_nametoindex("lo")).isPositive();
        assertThat(posix.if_nametoindex("no-such-dev")).isZero();
    }

    @Test
    void nativeBuffer_numbers_areInNativeOrder() {
        NativeBuffer buffer = NativeBuffer.allocate(16);
        buffer.putInt(4, 0x01020304);

        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        assertThat(buffer.getByte(4)).isEqualTo((byte) (little ? 4 : 1));
        assertThat(buffer.getInt(4)).isEqualTo(0x01020304);
    }
}
