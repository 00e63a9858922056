package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The JSON of the control API: records as they are declared, {@code "schema": 1} in front. Thread-safe. */
public final class ControlJson {
    /** The version of the documents; it changes when a field changes its meaning. */
    public static final int SCHEMA = 1;

    private static final String SCHEMA_FIELD = "schema";
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .build();

    private ControlJson() {}

    /** A record as one line of JSON. */
    public static String write(Record document) {
        return MAPPER.writeValueAsString(tree(document));
    }

    /** A record as indented JSON that ends in a line feed, for standard output. */
    public static String writePretty(Record document) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree(document)) + "\n";
    }

    /** An empty document: it was done. */
    static String writeEmpty() {
        return "{\"" + SCHEMA_FIELD + "\":" + SCHEMA + "}";
    }

    /** The document of a failure. */
    static String writeError(ControlException.Kind kind, String message) {
        return MAPPER.writeValueAsString(MAPPER.createObjectNode()
                .put(SCHEMA_FIELD, SCHEMA)
                .put("error", oneLine(message))
                .put("exitCode", kind.exitCode()));
    }

    /** The record in this text, fields it does not know ignored; null when it is no such document. */
    public static <T extends Record> @Nullable T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JacksonException unreadable) {
            return null;
        }
    }

    /** The message of an error document; null when it is none. */
    static @Nullable String readError(String json) {
        ErrorDocument document = read(json, ErrorDocument.class);
        return document == null ? null : document.error();
    }

    private static ObjectNode tree(Record document) {
        ObjectNode withSchema = MAPPER.createObjectNode().put(SCHEMA_FIELD, SCHEMA);
        withSchema.setAll((ObjectNode) MAPPER.valueToTree(document));
        return withSchema;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
    }

    private record ErrorDocument(@Nullable String error) {}
}
