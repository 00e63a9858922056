package io.p2pvpn.cli.doctor;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The host as the doctor sees it. */
interface HostView {
    /** Name of the operating system as Java has it. */
    String system();

    /** Why the loop of a node cannot run here, or null. */
    @Nullable
    String whyNoLoop();

    /** Whether this process may make network devices. */
    boolean mayConfigureNetwork();

    /** The text of a small file such as those below {@code /proc}; null if it cannot be read. */
    @Nullable
    String file(String path);

    /** What keeps a network device from being made, in one line; null if one can be. */
    @Nullable
    String whyNoDevice();

    /** Whether there is such a file of any kind. */
    boolean exists(Path path);

    /** Whether this process may make files in the directory. */
    boolean isWritable(Path directory);

    /** Bytes that can still be written where the directory is, or will be; -1 if unknown. */
    long freeBytes(Path directory);

    /** The time of the host's clock. */
    Instant now();

    /** What a tool writes to standard output; null if there is no such tool, or it fails or takes long. */
    @Nullable
    String output(List<String> command);
}
