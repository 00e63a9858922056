package io.p2pvpn.vpn.namespace;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.dht.GetResult;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.noise.SealedValue;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.trust.Places;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Where members of a namespace find each other in the public DHT. The place follows from a secret of theirs and changes
 * every period; what lies there is sealed, of one length, and signed by an identity that is used for this place only:
 * who sees all records of the DHT can neither tell whose a record is, nor that two of different periods belong
 * together. Confined to the node's loop.
 */
final class Rendezvous {
    /** How long a record outlives the member that put it. */
    static final int TTL_SECONDS = 300;

    /** Room for a contact with all its endpoints, so that a record's length says nothing. */
    private static final int PLAIN_BYTES = 512;

    private static final byte[] NOTHING = {};

    /**
     * What a look-up found.
     *
     * @param members who wait at the place, by ring ID
     * @param conclusive a majority of replicas answered
     */
    record Found(TreeMap<OverlayId, Contact> members, boolean conclusive) {}

    private final NodeRuntime runtime;
    private final IdentityCache identities;
    private final Dht publicDht;
    private final NamespaceSecret secret;
    private final Places places;
    /** Who signs for us, by period. */
    private final TreeMap<Long, Identity> signers = new TreeMap<>();

    /** @param places where members stand: a contact that claims a place that it cannot have does not count */
    Rendezvous(OverlayNode node, Dht publicDht, NamespaceSecret secret, Places places) {
        this.runtime = node.runtime();
        this.identities = node.identities();
        this.publicDht = publicDht;
        this.secret = secret;
        this.places = places;
    }

    /** The periods in which members meet now. */
    List<Long> periods() {
        return NamespaceSecret.periodsAt(runtime.clock().epochMillis());
    }

    /** Who waits at the place of a period. */
    CompletableFuture<Found> find(long period) {
        return find(period, GetOptions.MAJORITY);
    }

    /** The same, with a choice of whom to ask. */
    CompletableFuture<Found> find(long period, GetOptions options) {
        byte[] key = secret.sealingKeyOf(period);
        return publicDht.get(secret.placeOf(period), options).thenApply(result -> read(key, result));
    }

    /** All that wait at the places of now; those that cannot be looked at are left out. */
    CompletableFuture<Set<OverlayId>> everybody() {
        CompletableFuture<Set<OverlayId>> all = CompletableFuture.completedFuture(new TreeSet<>());
        for (long period : periods()) {
            CompletableFuture<Found> there = find(period).exceptionally(failure -> new Found(new TreeMap<>(), false));
            all = all.thenCombine(there, (before, found) -> {
                before.addAll(found.members().keySet());
                return before;
            });
        }
        return all;
    }

    private Found read(byte[] key, GetResult result) {
        TreeMap<OverlayId, Contact> members = new TreeMap<>();
        for (DhtRecord record : result.records()) {
            // Bound to its signer: nobody else can show it again as his.
            byte[] plain = SealedValue.open(key, record.owner().signingKey(), record.value());
            Contact contact = plain == null ? null : contact(plain);
            if (contact != null && places.mayBe(contact.ringId(), contact.identity())) {
                members.put(contact.ringId(), contact);
            }
        }
        return new Found(members, result.conclusive());
    }

    private @Nullable Contact contact(byte[] plain) {
        ByteBuffer parts = ByteBuffer.wrap(plain);
        int bytes = plain.length < Short.BYTES ? -1 : parts.getShort();
        if (bytes < 0 || bytes > parts.remaining()) {
            return null;
        }
        byte[] encoded = new byte[bytes];
        parts.get(encoded);
        List<Contact> contacts = Contacts.decode(encoded, identities);
        return contacts.size() == 1 ? contacts.get(0) : null;
    }

    /** Lets ourselves be found at the place of a period, for {@link #TTL_SECONDS}. */
    CompletableFuture<DhtRecord> publish(long period, Contact self) {
        signers.headMap(period - 1).clear();
        Identity signer = signers.computeIfAbsent(period, unused -> Identity.generate(runtime.keys()));
        byte[] value = SealedValue.seal(
                runtime.keys(),
                secret.sealingKeyOf(period),
                signer.publicIdentity().signingKey(),
                plain(self));
        return publicDht.putOnce(signer, secret.placeOf(period), value, TTL_SECONDS);
    }

    private static byte[] plain(Contact self) {
        int endpoints = self.endpoints().size();
        byte[] encoded = Contacts.encode(List.of(self));
        while (encoded.length > PLAIN_BYTES - Short.BYTES && endpoints > 0) {
            endpoints--;
            Contact shorter =
                    new Contact(self.ringId(), self.identity(), self.endpoints().subList(0, endpoints));
            encoded = Contacts.encode(List.of(shorter));
        }
        return ByteBuffer.allocate(PLAIN_BYTES)
                .putShort((short) encoded.length)
                .put(encoded)
                .array();
    }

    /** Whoever looks from now on does not find us, as far as replicas can be reached. */
    CompletableFuture<?> withdraw() {
        CompletableFuture<?> done = CompletableFuture.completedFuture(null);
        for (var signer : signers.entrySet()) {
            // An empty value is nobody's contact, and newer than the record it replaces.
            done = CompletableFuture.allOf(
                    done,
                    publicDht
                            .putOnce(signer.getValue(), secret.placeOf(signer.getKey()), NOTHING, TTL_SECONDS)
                            .exceptionally(failure -> null));
        }
        signers.clear();
        return done;
    }
}
