package io.p2pvpn.crawler.picture;

import io.p2pvpn.crawler.picture.Drawing.Link;
import io.p2pvpn.crawler.picture.Drawing.Spot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes an HTML document around the data, a style sheet and a script; it allows nothing but those two. */
final class HtmlRing {
    private static final Pattern PLACE = Pattern.compile("@([A-Z]+)@");

    private HtmlRing() {}

    static String draw(Drawing drawing) {
        String style = resource("ring.css");
        String script = resource("ring.js");
        TreeMap<String, String> parts = new TreeMap<>();
        parts.put(
                "POLICY",
                "default-src 'none'; base-uri 'none'; form-action 'none'; style-src " + hash(style) + "; script-src "
                        + hash(script));
        parts.put("STYLE", style);
        parts.put("SCRIPT", script);
        parts.put("TITLE", SafeText.xml(drawing.title()));
        parts.put("DATA", data(drawing));
        // In one go: what is put in is not looked at for places to put something.
        return PLACE.matcher(resource("ring.html"))
                .replaceAll(place -> Matcher.quoteReplacement(parts.getOrDefault(place.group(1), "")));
    }

    private static String resource(String name) {
        try (InputStream file = HtmlRing.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new IllegalStateException("the program is not complete: " + name + " is missing");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Numbers instead of words, since there can be some hundred thousand links. */
    private static String data(Drawing drawing) {
        StringBuilder json = new StringBuilder("{\"title\":\"")
                .append(SafeText.json(drawing.title()))
                .append("\",\"middle\":");
        SvgRing.number(json, Drawing.MIDDLE).append(",\"radius\":");
        SvgRing.number(json, Drawing.RADIUS).append(",\"kinds\":[");
        for (LinkKind kind : LinkKind.values()) {
            json.append("[\"" + kind.style() + "\",\"" + kind.words() + "\",["
                    + kind.dashes().replace(' ', ',') + "]],");
        }
        closed(json).append(",\"steps\":[");
        for (int i = 0; i < LatencyScale.STEPS; i++) {
            json.append('"').append(LatencyScale.words(i)).append("\",");
        }
        closed(json).append(",\"nodes\":[\n");
        for (Spot spot : drawing.spots()) {
            json.append("[\"")
                    .append(spot.node().id())
                    .append("\",\"")
                    .append(SafeText.json(spot.node().name()))
                    .append("\",")
                    .append(spot.faulty() ? 1 : 0)
                    .append("],\n");
        }
        closed(json).append(",\"links\":[");
        for (Link link : drawing.links()) {
            json.append(link.one())
                    .append(',')
                    .append(link.other())
                    .append(',')
                    .append(link.kind().number());
            SvgRing.number(json.append(','), link.rttMillis());
            json.append(',').append(link.rttMillis() < 0 ? -1 : LatencyScale.step(link.rttMillis()));
            json.append(',').append(link.faulty() ? 1 : 0).append(",\n");
        }
        closed(json)
                .append(",\"notes\":[")
                .append(drawing.unknown())
                .append(',')
                .append(drawing.tooMany());
        return json.append("]}").toString();
    }

    /** Ends a list after its last comma. */
    private static StringBuilder closed(StringBuilder json) {
        while (json.charAt(json.length() - 1) == ',' || json.charAt(json.length() - 1) == '\n') {
            json.setLength(json.length() - 1);
        }
        return json.append(']');
    }
}
