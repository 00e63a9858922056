package io.p2pvpn.examples.grid;

import java.util.regex.Pattern;

/** What submitter and worker say to each other: a file, and a job on a file. */
final class Protocol {
    /** The key in the DHT under which workers are found. */
    static final String WORKERS = "grid.workers";
    /**
     * Stream: takes a file. Its name, as {@link java.io.DataOutput#writeUTF} has it, then its bytes, then the end; the
     * answer is {@link #TAKEN} and the end, or a reset.
     */
    static final String FILE = "grid.file";
    /** The answer to a file that is there now. */
    static final int TAKEN = 1;
    /** Call: does a job on a file that was handed over before; answers with its result. */
    static final String JOB = "grid.job";
    /** Of a file, written at a time. */
    static final int PIECE_BYTES = 64 * 1024;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private Protocol() {}

    /** A file's name, which leads nowhere else. */
    static String checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' is no name of a file here");
        }
        return name;
    }
}
