package io.p2pvpn.vpn.node.names;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkedBlockTest {
    private static final String THEIRS = "127.0.0.1 localhost\n\t# \u00e4 line\n";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private Path file = Path.of("");

    @BeforeEach
    void makeFile() throws IOException {
        file = directory.resolve("hosts");
        Files.writeString(file, THEIRS, StandardCharsets.ISO_8859_1);
    }

    private String text() throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    @Test
    void write_replacesOurLines_andNoLinesTakeThemAway() throws IOException {
        MarkedBlock block = new MarkedBlock(file, "lab /s");
        block.write(List.of("one p2pvpn", "two p2pvpn"));
        assertThat(text()).isEqualTo(THEIRS + "# BEGIN p2pvpn lab /s\none p2pvpn\ntwo p2pvpn\n# END p2pvpn lab /s\n");
        block.write(List.of("three p2pvpn"));
        assertThat(text()).isEqualTo(THEIRS + "# BEGIN p2pvpn lab /s\nthree p2pvpn\n# END p2pvpn lab /s\n");
        block.write(List.of());
        assertThat(text()).isEqualTo(THEIRS);
        assertThat(directory).isDirectoryNotContaining("glob:**p2pvpn*");
    }

    @Test
    void write_besideOthersBlocksAndLines_leavesThemAlone() throws IOException {
        MarkedBlock ours = new MarkedBlock(file, "lab /a");
        MarkedBlock others = new MarkedBlock(file, "lab /ab");
        ours.write(List.of("1 p2pvpn"));
        others.write(List.of("2 p2pvpn"));
        Files.writeString(file, text() + "10.0.0.1 new\n", StandardCharsets.ISO_8859_1);
        ours.write(List.of());
        assertThat(text()).isEqualTo(THEIRS + "# BEGIN p2pvpn lab /ab\n2 p2pvpn\n# END p2pvpn lab /ab\n10.0.0.1 new\n");
        MarkedBlock.remove(file, tag -> tag.endsWith("/ab"));
        assertThat(text()).isEqualTo(THEIRS + "10.0.0.1 new\n");
    }

    /** What a kill in the middle of writing leaves: our lines go, a line that somebody wrote behind them stays. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void remove_blockThatWasCutOff_takesOurLinesOnly(int lines) throws IOException {
        StringBuilder cut = new StringBuilder(THEIRS + "# BEGIN p2pvpn lab /s\n");
        for (int i = 0; i < lines; i++) {
            cut.append("10.7.0.").append(i).append(" h.lab.p2pvpn.internal\n");
        }
        Files.writeString(file, cut + "10.0.0.1 new\n", StandardCharsets.ISO_8859_1);
        MarkedBlock.remove(file, "lab /s"::equals);
        assertThat(text()).isEqualTo(THEIRS + "10.0.0.1 new\n");
    }

    @Test
    void write_fileWithoutAFinalLineBreak_getsOne() throws IOException {
        Files.writeString(file, "a", StandardCharsets.ISO_8859_1);
        MarkedBlock block = new MarkedBlock(file, "t");
        block.write(List.of("b p2pvpn"));
        block.write(List.of());
        assertThat(text()).isEqualTo("a\n");
    }

    @Test
    void write_keepsModeAndLink() throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        new MarkedBlock(link, "t").write(List.of("x p2pvpn"));
        assertThat(text()).contains("x p2pvpn");
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void write_manyAtOnce_loseNothing() throws IOException {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            MarkedBlock block = new MarkedBlock(file, "t" + i);
            String line = i + " p2pvpn";
            all.add(CompletableFuture.runAsync(() -> {
                try {
                    block.write(List.of(line));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        all.forEach(CompletableFuture::join);
        for (int i = 0; i < 8; i++) {
            assertThat(text()).contains(i + " p2pvpn\n");
        }
        MarkedBlock.remove(file, tag -> true);
        assertThat(text()).isEqualTo(THEIRS);
    }

    @Test
    void remove_noFile_makesNone() throws IOException {
        Path none = directory.resolve("none");
        MarkedBlock.remove(none, tag -> true);
        assertThat(none).doesNotExist();
    }
}
