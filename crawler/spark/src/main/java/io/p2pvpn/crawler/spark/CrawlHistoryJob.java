package io.p2pvpn.crawler.spark;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The job: reads a history of crawls and writes what it comes to, as JSON Lines. */
public final class CrawlHistoryJob {
    private static final String USAGE = """
            usage: CrawlHistoryJob INPUT OUTPUT [WINDOW_SECONDS]
              INPUT           the lines that p2pvpn crawl --every writes: a file, a directory or a pattern
              OUTPUT          a directory that is not there yet: rings, windows and members will be in it
              WINDOW_SECONDS  how long a window is (default: 3600)""";
    private static final int WRONG_USAGE = 2;
    private static final long USUAL_WINDOW_SECONDS = 3600;
    /** 100 years. */
    private static final long WINDOW_SECONDS_MAX = 3_153_600_000L;

    private CrawlHistoryJob() {}

    /** Runs the job in the session that {@code spark-submit} prepares. */
    public static void main(String[] arguments) {
        long windowSeconds = windowSeconds(arguments);
        if (windowSeconds == 0) {
            System.err.println(USAGE);
            System.exit(WRONG_USAGE);
        }
        SparkSession session =
                SparkSession.builder().appName("p2pvpn crawl history").getOrCreate();
        try {
            run(session, arguments[0], arguments[1], windowSeconds);
        } finally {
            session.stop();
        }
    }

    /** The window asked for; 0 if that cannot be. */
    static long windowSeconds(String... arguments) {
        if (arguments.length == 2) {
            return USUAL_WINDOW_SECONDS;
        }
        if (arguments.length != 3 || !arguments[2].matches("[1-9][0-9]{0,9}")) {
            return 0;
        }
        long seconds = Long.parseLong(arguments[2]);
        return seconds <= WINDOW_SECONDS_MAX ? seconds : 0;
    }

    /**
     * Writes {@code rings}, {@code windows} and {@code members} below {@code output}.
     *
     * @param input a file, a directory or a pattern
     * @param output a directory that is not there yet
     */
    static void run(SparkSession session, String input, String output, long windowSeconds) {
        session.conf().set("spark.sql.session.timeZone", "UTC");
        CrawlHistory history = CrawlHistory.read(session, input);
        write(history.rings(), output + "/rings");
        write(history.windows(windowSeconds), output + "/windows");
        write(history.members(), output + "/members");
    }

    /** Each is small: one file, which a person can read. */
    private static void write(Dataset<Row> rows, String directory) {
        rows.coalesce(1).write().option("ignoreNullFields", false).json(directory);
    }
}
