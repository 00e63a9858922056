package io.p2pvpn.nat.portmap;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * The XML of UPnP: device descriptions (UPnP Device Architecture 1.1 section 2.3) and SOAP (section 3). Document types,
 * entities and everything from elsewhere are refused; depth, number and length of elements are bounded.
 */
final class UpnpXml {
    private static final int DEPTH_MAX = 32;
    private static final int ELEMENTS_MAX = 4096;
    private static final int TEXT_MAX = 1024;
    private static final int SERVICES_MAX = 8;
    private static final int VALUES_MAX = 32;

    private UpnpXml() {}

    /**
     * A service of a device.
     *
     * @param type for example {@code urn:schemas-upnp-org:service:WANIPConnection:1}
     * @param controlUrl where its actions are called, as the description says it
     */
    record Service(String type, String controlUrl) {}

    /**
     * What a description says.
     *
     * @param urlBase what addresses are relative to; null for the description's own
     * @param services of the device and those inside it, in their order
     */
    record Description(@Nullable String urlBase, List<Service> services) {}

    /** Sees every element that holds text only, at its end. */
    private interface Leaves {
        void onText(String name, String text);

        default void onEnd(String name) {}
    }

    /** Reads a device description; null if it is none. */
    static @Nullable Description description(byte[] bytes) {
        DescriptionLeaves leaves = new DescriptionLeaves();
        return walk(bytes, leaves) ? new Description(leaves.urlBase, List.copyOf(leaves.services)) : null;
    }

    private static final class DescriptionLeaves implements Leaves {
        private final List<Service> services = new ArrayList<>();
        private @Nullable String urlBase;
        private @Nullable String type;
        private @Nullable String controlUrl;

        @Override
        public void onText(String name, String text) {
            switch (name) {
                case "URLBase" -> urlBase = text.isEmpty() ? null : text;
                case "serviceType" -> type = text;
                case "controlURL" -> controlUrl = text;
                default -> {}
            }
        }

        @Override
        public void onEnd(String name) {
            if (name.equals("service")) {
                if (type != null && controlUrl != null && isConnection(type) && services.size() < SERVICES_MAX) {
                    services.add(new Service(type, controlUrl));
                }
                type = null;
                controlUrl = null;
            }
        }

        private static boolean isConnection(String type) {
            return type.matches("urn:schemas-upnp-org:service:WAN(IP|PPP)Connection:[1-9]");
        }
    }

    /** The values of a SOAP answer by name, without prefixes; null if it is no XML. */
    static @Nullable Map<String, String> values(byte[] bytes) {
        Map<String, String> values = new TreeMap<>();
        boolean read = walk(bytes, (name, text) -> {
            if (values.size() < VALUES_MAX) {
                values.putIfAbsent(name, text);
            }
        });
        return read ? values : null;
    }

    private static boolean walk(byte[] bytes, Leaves leaves) {
        // Decoded here: the library complains of bytes that are no UTF-8 on standard error, where anybody could fill
        // the log.
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            XMLStreamReader reader = factory().createXMLStreamReader(new StringReader(text));
            try {
                return walk(reader, leaves);
            } finally {
                reader.close();
            }
        } catch (XMLStreamException | RuntimeException malformed) {
            // The library throws unchecked exceptions too for what it cannot decode.
            return false;
        }
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("nothing is fetched from elsewhere");
        });
        return factory;
    }

    private static boolean walk(XMLStreamReader reader, Leaves leaves) throws XMLStreamException {
        Deque<String> open = new ArrayDeque<>();
        StringBuilder text = new StringBuilder();
        boolean leaf = false;
        int elements = 0;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    elements++;
                    if (elements > ELEMENTS_MAX || open.size() == DEPTH_MAX) {
                        return false;
                    }
                    open.push(reader.getLocalName());
                    text.setLength(0);
                    leaf = true;
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                    if (leaf) {
                        int room = TEXT_MAX - text.length();
                        text.append(reader.getText(), 0, Math.min(room, reader.getTextLength()));
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    String name = open.pop();
                    if (leaf) {
                        leaves.onText(name, text.toString().trim());
                    }
                    leaves.onEnd(name);
                    leaf = false;
                }
                case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE -> {
                    return false;
                }
                default -> {}
            }
        }
        return elements > 0;
    }

    /** The body of a call of an action; names and values must not need escaping. */
    static String call(String serviceType, String action, Map<String, String> arguments) {
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\"?>\r\n"
                + "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\""
                + " s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>");
        xml.append("<u:")
                .append(action)
                .append(" xmlns:u=\"")
                .append(serviceType)
                .append("\">");
        arguments.forEach((name, value) -> xml.append('<')
                .append(name)
                .append('>')
                .append(value)
                .append("</")
                .append(name)
                .append('>'));
        return xml.append("</u:")
                .append(action)
                .append("></s:Body></s:Envelope>\r\n")
                .toString();
    }
}
