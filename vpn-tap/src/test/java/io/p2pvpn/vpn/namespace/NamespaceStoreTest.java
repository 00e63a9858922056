package io.p2pvpn.vpn.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.trust.NamespaceAuthority;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.wire.proto.NamespaceState;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class NamespaceStoreTest {
    private static final KeySource KEYS = new Random(1)::nextBytes;
    private static final String FILE = "namespaces/lab";

    private final Files files = new Files();
    private final NamespaceStore store = new NamespaceStore(files, "lab");
    private final NamespaceAuthority authority = NamespaceAuthority.generate(KEYS);
    private final NamespaceDescriptor descriptor = authority.describe(new NamespaceDescriptor.Terms(
            "lab", true, Cidr.parse("10.9.0.0/16"), 0xfd00_0000_0000_0001L, new byte[16], 1_000));

    @Test
    void writtenState_isReadAgain() throws Exception {
        NamespaceSecret secret = NamespaceSecret.generate(KEYS);
        store.write(new NamespaceStore.Kept(descriptor, authority, ByteString.EMPTY, secret, 77))
                .join();
        NamespaceStore.Kept kept = store.read();
        assertThat(kept).isNotNull();
        assertThat(kept.descriptor().id()).isEqualTo(descriptor.id());
        assertThat(kept.secret()).isNotNull();
        assertThat(kept.secret().encode()).isEqualTo(secret.encode());
        assertThat(kept.ipv4()).isEqualTo(77);
    }

    @Test
    void stateOfVersion1_hasNoSecret_andOnlyItsFounderMakesOne() throws Exception {
        NamespaceState first = NamespaceState.newBuilder()
                .setVersion(1)
                .setName("lab")
                .setSignedDescriptor(ByteString.copyFrom(descriptor.encode()))
                .setIpv4(5)
                .build();
        files.kept.put(FILE, first.toByteArray());
        NamespaceStore.Kept member = store.read();
        assertThat(member).isNotNull();
        assertThat(member.secret()).isNull();
        assertThat(member.withSecret(KEYS).secret()).isNull();
        assertThat(member.ipv4()).isEqualTo(5);
        files.kept.put(
                FILE,
                first.toBuilder()
                        .setAuthority(ByteString.copyFrom(authority.encode()))
                        .build()
                        .toByteArray());
        NamespaceStore.Kept founder = store.read();
        assertThat(founder).isNotNull();
        assertThat(founder.withSecret(KEYS).secret()).isNotNull();
    }

    @Test
    void stateOfALaterVersion_orDamaged_isRefusedInWords() {
        files.kept.put(FILE, NamespaceState.newBuilder().setVersion(3).build().toByteArray());
        assertThatThrownBy(store::read).isInstanceOf(ControlException.class).hasMessageContaining("another version");
        files.kept.put(FILE, new byte[] {1, 2, 3});
        assertThatThrownBy(store::read).isInstanceOf(ControlException.class).hasMessageContaining("damaged");
    }

    private static final class Files implements Store {
        private final Map<String, byte[]> kept = new TreeMap<>();

        @Override
        public byte[] read(String name) {
            return kept.get(name);
        }

        @Override
        public CompletableFuture<Void> write(String name, byte[] bytes) {
            kept.put(name, bytes);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> remove(String name) {
            kept.remove(name);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public List<String> list(String prefix) {
            return kept.keySet().stream()
                    .filter(name -> name.startsWith(prefix))
                    .toList();
        }
    }
}
