package io.p2pvpn.overlay.host;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How streams are opened and taken. Immutable.
 *
 * @param certificate PEM file with the certificate chain that TLS listeners show; null for a throw-away one
 * @param key PEM file with its key (no password); null exactly when {@code certificate} is
 * @param proxy through which streams to public addresses are opened, or null to open them directly
 */
public record StreamOptions(
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable HttpProxy proxy) {
    /** A throw-away certificate, no proxy. */
    public static final StreamOptions DEFAULT = new StreamOptions(null, null, null);

    /** Checks that certificate and key come together. */
    public StreamOptions {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("a certificate and its key belong together: name both, or neither");
        }
    }

    /** The same through that proxy. */
    public StreamOptions withProxy(@Nullable HttpProxy other) {
        return new StreamOptions(certificate, key, other);
    }
}
