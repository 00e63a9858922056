package io.p2pvpn.overlay.host;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The two sides of TLS 1.2 and 1.3 with the JDK's provider.
 *
 * <p>TLS is a coat that networks let pass, not a protection: whoever is at the far end proves it inside, in the
 * session's own handshake (docs/security.md). Any certificate is taken therefore, and ours means nothing.
 */
final class TlsContexts {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    /** What a browser offers; nothing of it is spoken. */
    private static final ApplicationProtocolConfig ALPN = new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            "h2",
            "http/1.1");

    private static final Duration CLOCK_SKEW = Duration.ofDays(1);
    private static final Duration LIFE = Duration.ofDays(3650);
    private static final int SERIAL_BITS = 64;

    private TlsContexts() {}

    /** For streams that we open: takes any certificate. */
    static SslContext client() throws SSLException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .protocols(PROTOCOLS)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .applicationProtocolConfig(ALPN)
                .build();
    }

    /**
     * For streams that we take, with the certificate of the options or a throw-away one.
     *
     * @throws HostException when the certificate or its key cannot be used; the message names the files
     */
    static SslContext server(StreamOptions options) throws HostException {
        try {
            SslContextBuilder builder = named(options);
            return (builder == null ? throwAway() : builder)
                    .sslProvider(SslProvider.JDK)
                    .protocols(PROTOCOLS)
                    .applicationProtocolConfig(ALPN)
                    .build();
        } catch (SSLException | GeneralSecurityException | OperatorException e) {
            throw new HostException("cannot prepare TLS: " + e.getMessage(), e);
        }
    }

    private static @Nullable SslContextBuilder named(StreamOptions options) throws HostException {
        Path certificate = options.certificate();
        Path key = options.key();
        if (certificate == null || key == null) {
            return null;
        }
        try {
            List<X509Certificate> chain = chain(certificate);
            PrivateKey secret = privateKey(key);
            if (!belongTogether(chain.get(0), secret)) {
                throw new IOException("the key is another certificate's");
            }
            return SslContextBuilder.forServer(secret, chain);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            String reason = e instanceof NoSuchFileException missing
                    ? "there is no file " + missing.getFile()
                    : String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            throw new HostException(
                    "cannot use the TLS certificate " + certificate + " with the key " + key + " (" + reason
                            + "): both must be PEM files that this user may read, the key without a password",
                    e);
        }
    }

    private static List<X509Certificate> chain(Path file) throws IOException, GeneralSecurityException {
        List<X509Certificate> chain = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                chain.add((X509Certificate) each);
            }
        }
        if (chain.isEmpty()) {
            throw new IOException("no certificate in " + file);
        }
        return chain;
    }

    private static PrivateKey privateKey(Path file) throws IOException {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        try (PEMParser parser = new PEMParser(Files.newBufferedReader(file, StandardCharsets.ISO_8859_1))) {
            for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
                if (part instanceof PEMKeyPair pair) {
                    return converter.getPrivateKey(pair.getPrivateKeyInfo());
                }
                if (part instanceof PrivateKeyInfo info) {
                    return converter.getPrivateKey(info);
                }
            }
        }
        throw new IOException("no key without a password in " + file);
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        String algorithm = key.getAlgorithm();
        if (!sameFamily(algorithm, certificate.getPublicKey().getAlgorithm())) {
            return false;
        }
        String family = algorithm.startsWith("EC") ? "ECDSA" : algorithm;
        Signature signature = Signature.getInstance(family.startsWith("Ed") ? family : "SHA256with" + family);
        byte[] message = {1};
        signature.initSign(key);
        signature.update(message);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(message);
        return signature.verify(signed);
    }

    /** Providers call one and the same family EC or ECDSA. */
    private static boolean sameFamily(String one, String other) {
        return one.equals(other) || (one.startsWith("EC") && other.startsWith("EC"));
    }

    /** A self-signed certificate like those that devices come with. */
    private static SslContextBuilder throwAway() throws GeneralSecurityException, OperatorException {
        SecureRandom random = new SecureRandom();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair keys = generator.generateKeyPair();
        X500Name name = new X500Name("CN=localhost");
        Instant now = Instant.now();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(SERIAL_BITS, random).setBit(0),
                Date.from(now.minus(CLOCK_SKEW)),
                Date.from(now.plus(LIFE)),
                name,
                keys.getPublic());
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        return SslContextBuilder.forServer(keys.getPrivate(), certificate);
    }
}
