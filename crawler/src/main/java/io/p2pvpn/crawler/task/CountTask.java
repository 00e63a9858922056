package io.p2pvpn.crawler.task;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.mapreduce.ChildAnswer;
import io.p2pvpn.crawler.mapreduce.MapContext;
import io.p2pvpn.crawler.mapreduce.MapReduceTask;
import io.p2pvpn.crawler.wire.proto.CountValue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How many members there are. */
public final class CountTask implements MapReduceTask {
    /** Its name. */
    public static final String NAME = "count";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CompletableFuture<byte[]> map(MapContext context, byte[] argument) {
        return CompletableFuture.completedFuture(encode(1));
    }

    private static byte[] encode(long count) {
        return CountValue.newBuilder().setCount(count).build().toByteArray();
    }

    @Override
    public @Nullable Reduced reduce(byte[] argument, byte[] current, ChildAnswer child) {
        byte[] value = child.value();
        long more = value == null ? 0 : parse(value);
        boolean tooMany = count(current) + more > TaskLimits.MEMBERS_MAX;
        return more < 0 || tooMany ? null : Reduced.of(more == 0 ? current : encode(count(current) + more));
    }

    private static long parse(byte[] value) {
        try {
            long count = CountValue.parseFrom(value).getCount();
            return count < 0 || count > TaskLimits.MEMBERS_MAX ? -1 : count;
        } catch (InvalidProtocolBufferException e) {
            return -1;
        }
    }

    /** What an answer says. */
    public static long count(byte[] value) {
        return Math.max(0, parse(value));
    }
}
