package io.p2pvpn.vpn.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of the page, in memory, by the paths where they are found and no others. Immutable. */
final class PageFiles {
    private static final String INDEX = "index.html";
    private static final List<String> NAMES = List.of(
            INDEX,
            "dashboard.css",
            "main.js",
            "api.js",
            "dom.js",
            "views.js",
            "people.js",
            "charts.js",
            "ring.js",
            "places.js",
            "labels.js",
            "peer.js");

    private final Map<String, PageFile> files = new LinkedHashMap<>();

    /**
     * One of them.
     *
     * @param type its content type
     * @param text of it
     */
    record PageFile(String type, String text) {}

    private PageFiles() {}

    static PageFiles load() throws IOException {
        PageFiles loaded = new PageFiles();
        for (String name : NAMES) {
            try (InputStream file = PageFiles.class.getResourceAsStream(name)) {
                if (file == null) {
                    throw new IOException("the program is not complete: " + name + " is missing");
                }
                loaded.files.put(
                        name.equals(INDEX) ? "/" : "/" + name,
                        new PageFile(type(name), new String(file.readAllBytes(), StandardCharsets.UTF_8)));
            }
        }
        return loaded;
    }

    @Nullable
    PageFile at(String path) {
        return files.get(path);
    }

    private static String type(String name) {
        if (name.endsWith(".js")) {
            return "text/javascript; charset=utf-8";
        }
        return name.endsWith(".css") ? "text/css; charset=utf-8" : "text/html; charset=utf-8";
    }
}
