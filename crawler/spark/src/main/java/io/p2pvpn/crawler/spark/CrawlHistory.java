package io.p2pvpn.crawler.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.timestamp_millis;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.RelationalGroupedDataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.StructType;

/**
 * A history of crawls as Spark sees it. What counts and how it is rounded is as in {@code HistorySummary} of the
 * command line. Immutable.
 */
public final class CrawlHistory {
    /** Members told of each ring. */
    static final int TOLD_MAX = 10;

    private static final long MILLIS_PER_SECOND = 1000;
    private static final long AT_MILLIS_MAX = 253_402_300_799_999L;
    private static final int DIGITS = 6;
    private static final String CORRUPT = "_corrupt_record";
    /** What is not in here is not even parsed. */
    private static final StructType SCHEMA = StructType.fromDDL("atMillis BIGINT, namespace STRING,"
            + " publicRing BOOLEAN, error STRING, nodes BIGINT, consistency DOUBLE, complete BOOLEAN,"
            + " lagging ARRAY<STRING>, missing ARRAY<STRING>, " + CORRUPT + " STRING");

    private static final Column NAMESPACE = col("namespace");
    private static final Column PUBLIC_RING = col("publicRing");
    private static final Column FROM_MILLIS = col("fromMillis");
    private static final Column SUCCEEDED = col("error").isNull();

    private final Dataset<Row> crawls;

    private CrawlHistory(Dataset<Row> crawls) {
        this.crawls = crawls;
    }

    /**
     * The crawls in those files. Lines that are none are passed by.
     *
     * @param paths files, directories or patterns of JSON Lines
     */
    public static CrawlHistory read(SparkSession session, String... paths) {
        Column measured = col("nodes").geq(0).and(col("consistency").between(0, 1));
        Dataset<Row> lines = session.read()
                .schema(SCHEMA)
                .option("mode", "PERMISSIVE")
                .option("columnNameOfCorruptRecord", CORRUPT)
                .json(paths)
                .filter(col(CORRUPT).isNull())
                .withColumn("publicRing", coalesce(PUBLIC_RING, lit(false)))
                .filter(col("atMillis").between(0, AT_MILLIS_MAX))
                .filter(SUCCEEDED.and(measured).or(col("error").isNotNull()))
                .filter(NAMESPACE.isNull().or(PUBLIC_RING.equalTo(false)));
        return new CrawlHistory(lines);
    }

    /** A row for each ring. */
    public Dataset<Row> rings() {
        return figures(crawls.groupBy(NAMESPACE, PUBLIC_RING), min(col("atMillis")))
                .sort(PUBLIC_RING, NAMESPACE.asc_nulls_last());
    }

    /** A row for each ring and each window of time in which there was a crawl; the first window began in 1970. */
    public Dataset<Row> windows(long windowSeconds) {
        long millis = Math.multiplyExact(windowSeconds, MILLIS_PER_SECOND);
        Column from = col("atMillis").minus(col("atMillis").mod(millis));
        return figures(
                        crawls.withColumn("window", from).groupBy(NAMESPACE, PUBLIC_RING, col("window")),
                        min(col("window")))
                .drop("window")
                .sort(PUBLIC_RING, NAMESPACE.asc_nulls_last(), FROM_MILLIS);
    }

    /** Who was missing, or late, in most crawls: some rows for each ring, which of both is in {@code absence}. */
    public Dataset<Row> members() {
        return mostOften("missing").unionByName(mostOften("lagging"));
    }

    private static Dataset<Row> figures(RelationalGroupedDataset grouped, Column from) {
        Column ofCrawls = when(SUCCEEDED, col("consistency"));
        Column incomplete = SUCCEEDED.and(coalesce(col("complete"), lit(false)).equalTo(false));
        return grouped.agg(
                        from.as("fromMillis"),
                        count(when(SUCCEEDED, 1)).as("crawls"),
                        count(col("error")).as("failed"),
                        round(avg(ofCrawls), DIGITS).as("consistencyMean"),
                        round(min(ofCrawls), DIGITS).as("consistencyMin"),
                        min(when(SUCCEEDED, col("nodes"))).as("nodesMin"),
                        max(when(SUCCEEDED, col("nodes"))).as("nodesMax"),
                        max(when(SUCCEEDED, size(ids("missing")))).as("missingMax"),
                        max(when(SUCCEEDED, size(ids("lagging")))).as("laggingMax"),
                        count(when(incomplete, 1)).as("incomplete"))
                .withColumn("from", timestamp_millis(FROM_MILLIS));
    }

    private Dataset<Row> mostOften(String absence) {
        WindowSpec order =
                Window.partitionBy(NAMESPACE, PUBLIC_RING).orderBy(col("crawls").desc(), col("id"));
        return crawls.filter(SUCCEEDED)
                .select(
                        NAMESPACE,
                        PUBLIC_RING,
                        explode(array_distinct(ids(absence))).as("id"))
                .groupBy(NAMESPACE, PUBLIC_RING, col("id"))
                .agg(count(lit(1)).as("crawls"))
                .withColumn("rank", row_number().over(order))
                .filter(col("rank").leq(TOLD_MAX))
                .withColumn("absence", lit(absence))
                .sort(PUBLIC_RING, NAMESPACE.asc_nulls_last(), col("rank"));
    }

    private static Column ids(String column) {
        return coalesce(col(column), array().cast("array<string>"));
    }
}
