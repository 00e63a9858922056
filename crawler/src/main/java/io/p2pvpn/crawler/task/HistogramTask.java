package io.p2pvpn.crawler.task;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.mapreduce.ChildAnswer;
import io.p2pvpn.crawler.mapreduce.MapContext;
import io.p2pvpn.crawler.mapreduce.MapReduceTask;
import io.p2pvpn.crawler.wire.proto.HistogramBucket;
import io.p2pvpn.crawler.wire.proto.HistogramValue;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * How many members say what of themselves: the argument is the name of a fact. Numbers fall into buckets that double,
 * named by their lower ends.
 */
public final class HistogramTask implements MapReduceTask {
    /** Its name. */
    public static final String NAME = "histogram";
    /** The task that reads what members log: a histogram of its own, as no fact needs to be named. */
    public static final String LOG_LEVEL_NAME = "log-level";
    /** Words that are told apart; the others are counted together. */
    public static final int BUCKETS_MAX = 128;

    /** The bucket of those that are not told apart. */
    public static final String OTHER = "(other)";
    /** The bucket of those that do not say. */
    public static final String UNKNOWN = "(unknown)";

    private static final int LABEL_CHARS_MAX = 64;

    private final String name;
    private final @Nullable String fact;

    private HistogramTask(String name, @Nullable String fact) {
        this.name = name;
        this.fact = fact;
    }

    /** Of any fact. */
    public static HistogramTask ofAny() {
        return new HistogramTask(NAME, null);
    }

    /** Of the log level alone. */
    public static HistogramTask ofLogLevel() {
        return new HistogramTask(LOG_LEVEL_NAME, LOG_LEVEL_NAME);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CompletableFuture<byte[]> map(MapContext context, byte[] argument) {
        String wanted = fact == null ? new String(argument, StandardCharsets.UTF_8) : fact;
        String word = context.facts().word(context.ring(), wanted);
        String label = word;
        if (label == null) {
            double number = Facts.number(context, wanted);
            label = Double.isNaN(number) ? UNKNOWN : bucket(number);
        }
        SortedMap<String, Long> own = new TreeMap<>();
        own.put(isLabel(label) ? label : OTHER, 1L);
        return CompletableFuture.completedFuture(encode(own));
    }

    /** The lower end of the bucket that a number falls into: 0, or a power of two. */
    static String bucket(double number) {
        if (number < 1) {
            return "0";
        }
        int exponent = Math.min(Long.SIZE - 2, Math.getExponent(number));
        return Long.toString(1L << exponent);
    }

    private static boolean isLabel(String label) {
        return !label.isEmpty()
                && label.length() <= LABEL_CHARS_MAX
                && label.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }

    @Override
    public @Nullable Reduced reduce(byte[] argument, byte[] current, ChildAnswer child) {
        byte[] value = child.value();
        if (value == null) {
            return Reduced.of(current);
        }
        SortedMap<String, Long> more = parse(value);
        SortedMap<String, Long> all = parse(current);
        if (more == null || all == null) {
            return null;
        }
        more.forEach((label, count) -> {
            boolean room = all.containsKey(label) || all.size() < BUCKETS_MAX - 1;
            all.merge(room ? label : OTHER, count, Long::sum);
        });
        boolean tooMany = all.values().stream().anyMatch(count -> count > TaskLimits.MEMBERS_MAX);
        return tooMany ? null : Reduced.of(encode(all));
    }

    private static byte[] encode(SortedMap<String, Long> buckets) {
        HistogramValue.Builder value = HistogramValue.newBuilder();
        buckets.forEach((label, count) ->
                value.addBuckets(HistogramBucket.newBuilder().setLabel(label).setCount(count)));
        return value.build().toByteArray();
    }

    private static @Nullable SortedMap<String, Long> parse(byte[] value) {
        try {
            HistogramValue parsed = HistogramValue.parseFrom(value);
            SortedMap<String, Long> buckets = new TreeMap<>();
            for (HistogramBucket bucket : parsed.getBucketsList()) {
                long count = bucket.getCount();
                if (!isLabel(bucket.getLabel()) || count < 1 || count > TaskLimits.MEMBERS_MAX) {
                    return null;
                }
                buckets.merge(bucket.getLabel(), count, Long::sum);
            }
            boolean tooMany = buckets.values().stream().anyMatch(count -> count > TaskLimits.MEMBERS_MAX);
            return tooMany || buckets.size() > BUCKETS_MAX ? null : buckets;
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** What an answer says: how many by label. */
    public static SortedMap<String, Long> buckets(byte[] value) {
        SortedMap<String, Long> buckets = parse(value);
        if (buckets == null) {
            throw new IllegalArgumentException("no histogram");
        }
        return buckets;
    }
}
