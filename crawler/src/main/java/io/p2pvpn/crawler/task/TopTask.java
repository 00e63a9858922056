package io.p2pvpn.crawler.task;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.mapreduce.ChildAnswer;
import io.p2pvpn.crawler.mapreduce.MapContext;
import io.p2pvpn.crawler.mapreduce.MapReduceTask;
import io.p2pvpn.crawler.wire.proto.TopArgument;
import io.p2pvpn.crawler.wire.proto.TopEntry;
import io.p2pvpn.crawler.wire.proto.TopValue;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Contacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The members with the greatest numbers of a kind. */
public final class TopTask implements MapReduceTask {
    /** Its name. */
    public static final String NAME = "top";
    /** The most members that can be asked for. */
    public static final int COUNT_MAX = 128;

    private static final Comparator<Entry> GREATEST_FIRST =
            Comparator.comparingDouble(Entry::value).reversed().thenComparing(Entry::member);

    /**
     * One of them.
     *
     * @param member who
     * @param value its number
     */
    public record Entry(OverlayId member, double value) {}

    /** The argument: which fact, and how many members. */
    public static byte[] argument(String fact, int count) {
        return TopArgument.newBuilder()
                .setFact(fact)
                .setCount(Math.min(count, COUNT_MAX))
                .build()
                .toByteArray();
    }

    private static TopArgument argument(byte[] argument) {
        try {
            return TopArgument.parseFrom(argument);
        } catch (InvalidProtocolBufferException e) {
            return TopArgument.getDefaultInstance();
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CompletableFuture<byte[]> map(MapContext context, byte[] argument) {
        double number = Facts.number(context, argument(argument).getFact());
        List<Entry> own =
                Double.isFinite(number) ? List.of(new Entry(context.ring().self(), number)) : List.of();
        return CompletableFuture.completedFuture(encode(own));
    }

    @Override
    public @Nullable Reduced reduce(byte[] argument, byte[] current, ChildAnswer child) {
        byte[] value = child.value();
        if (value == null) {
            return Reduced.of(current);
        }
        List<Entry> more = parse(value);
        if (more == null || !more.stream().allMatch(each -> child.arc().contains(each.member()))) {
            return null;
        }
        int count = Math.max(0, Math.min(COUNT_MAX, argument(argument).getCount()));
        List<Entry> all = new ArrayList<>(entries(current));
        more.stream().filter(each -> !all.contains(each)).forEach(all::add);
        all.sort(GREATEST_FIRST);
        return Reduced.of(encode(all.subList(0, Math.min(count, all.size()))));
    }

    private static byte[] encode(List<Entry> entries) {
        TopValue.Builder value = TopValue.newBuilder();
        entries.forEach(each -> value.addEntries(
                TopEntry.newBuilder().setMember(Contacts.bytes(each.member())).setValue(each.value())));
        return value.build().toByteArray();
    }

    private static @Nullable List<Entry> parse(byte[] value) {
        try {
            TopValue parsed = TopValue.parseFrom(value);
            List<Entry> entries = new ArrayList<>();
            for (TopEntry entry : parsed.getEntriesList()) {
                OverlayId member = Contacts.id(entry.getMember());
                if (member == null || !Double.isFinite(entry.getValue()) || entries.size() >= COUNT_MAX) {
                    return null;
                }
                entries.add(new Entry(member, entry.getValue()));
            }
            return entries;
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** What an answer says, greatest first. */
    public static List<Entry> entries(byte[] value) {
        List<Entry> entries = parse(value);
        if (entries == null) {
            throw new IllegalArgumentException("no greatest values");
        }
        return entries;
    }
}
