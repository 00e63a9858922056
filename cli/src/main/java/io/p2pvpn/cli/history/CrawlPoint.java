package io.p2pvpn.cli.history;

import io.p2pvpn.vpn.option.NamespaceName;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What a line of a history says, without the ring.
 *
 * @param atMillis when the crawl began, since 1970
 * @param ring of which ring
 * @param failed whether there is nothing but a reason
 * @param nodes how many members answered
 * @param consistency from 0 to 1
 * @param complete whether the whole ring was covered
 * @param lagging who did not answer in time
 * @param missing who is known from elsewhere and did not answer
 */
record CrawlPoint(
        long atMillis,
        RingName ring,
        boolean failed,
        int nodes,
        double consistency,
        boolean complete,
        List<String> lagging,
        List<String> missing) {
    /** Members named in one list; no crawl has more. */
    static final int IDS_MAX = 1_000_000;
    /** The end of the year 9999: no clock that is later can be right. */
    static final long AT_MILLIS_MAX = 253_402_300_799_999L;

    private static final Pattern ID = Pattern.compile("[0-9a-f]{40}");
    private static final JsonFactory JSON = new JsonFactory();

    /** The line in these bytes; null if they are no such line. */
    static @Nullable CrawlPoint parse(InputStream line) {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), line)) {
            CrawlPoint point = json.nextToken() == JsonToken.START_OBJECT ? new Fields().read(json) : null;
            return json.nextToken() == null ? point : null;
        } catch (JacksonException | IllegalArgumentException unreadable) {
            return null;
        }
    }

    /** The fields of a line while they are read. Others are passed by, however large. */
    private static final class Fields {
        private long atMillis = -1;
        private @Nullable String namespace;
        private boolean publicRing;
        private boolean failed;
        private long nodes = -1;
        private double consistency = -1;
        private boolean complete;
        private List<String> lagging = List.of();
        private List<String> missing = List.of();

        @Nullable
        CrawlPoint read(JsonParser json) {
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                switch (name) {
                    case "atMillis" -> atMillis = json.getLongValue();
                    case "namespace" -> namespace = value == JsonToken.VALUE_NULL ? null : name(json);
                    case "publicRing" -> publicRing = json.getBooleanValue();
                    case "error" -> failed = value != JsonToken.VALUE_NULL;
                    case "nodes" -> nodes = json.getLongValue();
                    case "consistency" -> consistency = json.getDoubleValue();
                    case "complete" -> complete = json.getBooleanValue();
                    case "lagging" -> lagging = ids(json);
                    case "missing" -> missing = ids(json);
                    default -> json.skipChildren();
                }
            }
            return json.currentToken() == JsonToken.END_OBJECT && makesSense() ? point() : null;
        }

        private boolean makesSense() {
            boolean dated = atMillis >= 0 && atMillis <= AT_MILLIS_MAX;
            boolean measured = nodes >= 0 && nodes <= Integer.MAX_VALUE && consistency >= 0 && consistency <= 1;
            return dated && (failed || measured) && !(publicRing && namespace != null);
        }

        private CrawlPoint point() {
            RingName ring = new RingName(namespace, publicRing);
            return failed
                    ? new CrawlPoint(atMillis, ring, true, 0, 0, false, List.of(), List.of())
                    : new CrawlPoint(atMillis, ring, false, (int) nodes, consistency, complete, lagging, missing);
        }

        private static String name(JsonParser json) {
            return NamespaceName.parse(Objects.requireNonNullElse(json.getString(), ""))
                    .name();
        }

        private static List<String> ids(JsonParser json) {
            List<String> ids = new ArrayList<>();
            while (json.nextToken() == JsonToken.VALUE_STRING && ids.size() < IDS_MAX) {
                String id = json.getString();
                if (!ID.matcher(id).matches()) {
                    throw new IllegalArgumentException("no ID");
                }
                ids.add(id);
            }
            if (json.currentToken() != JsonToken.END_ARRAY) {
                throw new IllegalArgumentException("no list of IDs");
            }
            return ids;
        }
    }
}
