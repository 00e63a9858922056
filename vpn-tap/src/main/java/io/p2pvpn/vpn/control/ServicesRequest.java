package io.p2pvpn.vpn.control;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Works on the services that members of a namespace offer.
 *
 * @param namespace of which; null for the only one that the node is in
 * @param operation what to do
 * @param service as {@code ssh} or {@code syslog/udp}; null where all of this node are asked for
 * @param port of the service, where one is published; else 0
 */
public record ServicesRequest(
        @Nullable String namespace,
        Operation operation,
        @Nullable String service,
        int port) {
    /** What to do. */
    public enum Operation {
        /** Tells the members that this one offers it. */
        PUBLISH,
        /** Takes that back. */
        UNPUBLISH,
        /** Asks who offers it; without a service, what this node offers. */
        FIND;

        /** The word in the document. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
