package io.p2pvpn.cli.history;

import io.p2pvpn.cli.Words;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.CrawlRequest;
import io.p2pvpn.vpn.control.CrawlResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Crawls, and writes down what came of it. Confined to one thread. */
public final class CrawlRecorder {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .build();

    private final HistoryWriter history;
    private final Clock clock;
    private RingName ring;

    /** Who crawls. */
    @FunctionalInterface
    public interface Crawl {
        /** One crawl. */
        CrawlResult run(CrawlRequest request) throws ControlException;
    }

    /**
     * What was written down.
     *
     * @param at when the crawl began
     * @param json the line
     * @param result what was found; null if the crawl failed
     * @param failure why it failed; null if it did not
     */
    public record Entry(
            Instant at,
            String json,
            @Nullable CrawlResult result,
            @Nullable ControlException failure) {}

    /** Writes to that history. */
    public CrawlRecorder(HistoryWriter history, Clock clock) {
        this.history = history;
        this.clock = clock;
        this.ring = RingName.UNKNOWN;
    }

    /**
     * Crawls once. That the crawl fails is written down like any other outcome.
     *
     * @throws ControlException if the history cannot be written
     */
    public Entry record(Crawl crawl, CrawlRequest request) throws ControlException {
        Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Entry entry;
        try {
            entry = success(at, crawl.run(request));
        } catch (ControlException failed) {
            entry = failure(at, request, failed);
        }
        byte[] line = entry.json().getBytes(StandardCharsets.UTF_8);
        if (line.length >= history.lineBytesMax()) {
            entry = failure(at, request, tooLarge(line.length));
            line = entry.json().getBytes(StandardCharsets.UTF_8);
        }
        try {
            history.append(at, line);
        } catch (IOException refused) {
            throw new ControlException(
                    Kind.FAILED, "the history cannot be written (" + HistoryWriter.reason(refused) + ")", refused);
        }
        return entry;
    }

    private Entry success(Instant at, CrawlResult result) {
        String namespace = result.namespace();
        ring = new RingName(namespace, namespace == null);
        // Not as a tree: that takes many times the memory of its text.
        String head = MAPPER.writeValueAsString(begin(at).put("publicRing", ring.publicRing()));
        String document = MAPPER.writeValueAsString(result);
        String line = head.substring(0, head.length() - 1) + "," + document.substring(1);
        return new Entry(at, line, result, null);
    }

    /** A crawl that failed says of no ring which it was; the one before or the request does. */
    private Entry failure(Instant at, CrawlRequest request, ControlException failed) {
        if (request.publicRing()) {
            ring = new RingName(null, true);
        } else if (request.namespace() != null) {
            ring = new RingName(request.namespace(), false);
        }
        ObjectNode line = begin(at)
                .put("publicRing", ring.publicRing())
                .put("method", request.method())
                .put("by", request.by())
                .put("namespace", ring.namespace())
                .put("error", String.valueOf(failed.getMessage()));
        return new Entry(at, MAPPER.writeValueAsString(line), null, failed);
    }

    private static ObjectNode begin(Instant at) {
        return MAPPER.createObjectNode()
                .put("schema", ControlJson.SCHEMA)
                .put("at", at.toString())
                .put("atMillis", at.toEpochMilli());
    }

    private ControlException tooLarge(int bytes) {
        return new ControlException(
                Kind.FAILED,
                "the crawl takes " + Words.bytes(bytes) + ", more than an eighth of --history-size: raise that, or"
                        + " crawl --by local");
    }
}
