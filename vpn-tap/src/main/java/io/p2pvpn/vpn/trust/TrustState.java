package io.p2pvpn.vpn.trust;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.vpn.wire.proto.TrustContent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All decisions about a namespace that are known here: a set of signed entries that grows until they run out, so that
 * two nodes that have told each other theirs decide alike, in whatever order they heard them.
 *
 * <p>Signers are ranked: the authority first, then administrators by their steps from it, of equal ones that with the
 * smaller salt. Entries count in that order, and one whose signer is put out by an entry before it does not count: of
 * two administrators that put each other out, the one of the higher rank stays. An administrator nearer to the
 * authority is not put out by one farther away at all. A ban is lifted by whoever is not ranked below its signer.
 *
 * <p>Not thread-safe.
 */
public final class TrustState {
    /** Entries that are kept; of more, those of the signers ranked lowest go. */
    public static final int ENTRIES_MAX = 512;

    private static final int DIGEST_BYTES = 16;
    private static final int AUTHORITIES_MAX = 8;
    private static final int CREDENTIALS_MAX = 4096;

    /** An entry whose signer may decide, and that signer's rank. */
    private record Ranked(TrustEntry entry, @Nullable MemberCredential signer) {
        int depth() {
            return signer == null ? 0 : signer.depth();
        }

        byte[] salt() {
            return signer == null ? new byte[0] : signer.member().salt();
        }

        boolean isSameSigner(Ranked other) {
            return Arrays.equals(entry.signer(), other.entry.signer());
        }
    }

    private static final Comparator<Ranked> BY_RANK = Comparator.comparingInt(Ranked::depth)
            .thenComparing(Ranked::salt, Arrays::compareUnsigned)
            .thenComparing(each -> each.entry().signer(), Arrays::compareUnsigned)
            .thenComparing(each -> each.entry().id());

    private final NamespaceDescriptor descriptor;
    private final TreeMap<OverlayId, TrustEntry> entries = new TreeMap<>();

    /** From here on: what follows from the entries. */
    private List<byte[]> authorities;

    /** Until when the certificates of an authority count. */
    private final TreeMap<ByteString, Long> retired = new TreeMap<>(ByteString.unsignedLexicographicalComparator());

    /** Who is put out, by key, and by which entries. */
    private final TreeMap<ByteString, TreeMap<OverlayId, Ranked>> bans =
            new TreeMap<>(ByteString.unsignedLexicographicalComparator());

    /** Read and verified before; right as long as the same authorities count. */
    private final Cache<ByteString, Optional<MemberCredential>> read = Caffeine.newBuilder()
            .maximumSize(CREDENTIALS_MAX)
            .executor(Runnable::run)
            .build();

    private @Nullable TrustEntry rules;
    private byte[] digest = {};

    /** Nothing has been decided yet. */
    public TrustState(NamespaceDescriptor descriptor) {
        this.descriptor = descriptor;
        this.authorities = List.of(descriptor.caKey());
    }

    // ------------------------------------------------------------------- learning

    /**
     * Takes what it does not have yet.
     *
     * @return what of these is news and counts, or waits for its signer to be known
     */
    public List<TrustEntry> add(Collection<TrustEntry> offered, long nowMillis) {
        List<TrustEntry> news = new ArrayList<>();
        for (TrustEntry entry : offered) {
            if (isCurrent(entry, nowMillis) && entries.putIfAbsent(entry.id(), entry) == null) {
                news.add(entry);
            }
        }
        if (!news.isEmpty()) {
            evaluate();
            news.removeIf(entry -> !entries.containsKey(entry.id()));
        }
        return news;
    }

    /** Forgets what has run out; true if there was any. */
    public boolean prune(long nowMillis) {
        boolean pruned = entries.values().removeIf(entry -> !isCurrent(entry, nowMillis));
        if (pruned) {
            evaluate();
        }
        return pruned;
    }

    private static boolean isCurrent(TrustEntry entry, long nowMillis) {
        return entry.content().getUntilEpochMillis() > nowMillis;
    }

    /** Names what is known here, in a few bytes: two nodes that know the same have the same. Empty: nothing. */
    public byte[] digest() {
        return digest.clone();
    }

    /** The IDs of all entries, in ascending order. */
    public Set<OverlayId> ids() {
        return new TreeSet<>(entries.keySet());
    }

    /** All entries, in the order of their IDs. */
    public List<TrustEntry> entries() {
        return List.copyOf(entries.values());
    }

    /** The entry of that ID, or null. */
    public @Nullable TrustEntry entry(OverlayId id) {
        return entries.get(id);
    }

    // ----------------------------------------------------------------- evaluating

    private void evaluate() {
        findAuthorities();
        bans.clear();
        rules = null;
        List<Ranked> ranked = ranked();
        Set<OverlayId> lifted = new TreeSet<>();
        for (int from = 0, to; from < ranked.size(); from = to) {
            to = from + 1;
            while (to < ranked.size() && ranked.get(to).isSameSigner(ranked.get(from))) {
                to++;
            }
            evaluate(ranked.subList(from, to), lifted);
        }
        List<Ranked> kept = new ArrayList<>(ranked);
        kept.removeIf(each -> each.signer() != null && isBanned(each.signer()));
        Set<OverlayId> live = new TreeSet<>();
        kept.stream().limit(ENTRIES_MAX).forEach(each -> live.add(each.entry().id()));
        entries.keySet().retainAll(live);
        digest = entries.isEmpty() ? new byte[0] : digestOf(live);
    }

    private static byte[] digestOf(Set<OverlayId> ids) {
        byte[][] parts = ids.stream().map(OverlayId::toByteArray).toArray(byte[][]::new);
        return Arrays.copyOf(Digests.sha256(parts), DIGEST_BYTES);
    }

    /** Keys that speak for the namespace: that which it is called after, and those that one of them has named. */
    private void findAuthorities() {
        List<byte[]> found = new ArrayList<>(List.of(descriptor.caKey()));
        retired.clear();
        for (int i = 0; i < found.size() && found.size() < AUTHORITIES_MAX; i++) {
            for (TrustEntry entry : entries.values()) {
                boolean names = entry.content().getWhatCase() == TrustContent.WhatCase.AUTHORITY
                        && Arrays.equals(entry.signer(), found.get(i));
                byte[] next = names ? entry.nextAuthority(descriptor.id()) : null;
                if (next != null && found.stream().noneMatch(known -> Arrays.equals(known, next))) {
                    found.add(next);
                    long retires = entry.content().getAuthority().getRetiresEpochMillis();
                    if (retires != 0) {
                        retired.merge(ByteString.copyFrom(entry.signer()), retires, Math::min);
                    }
                }
            }
        }
        if (!Arrays.deepEquals(found.toArray(), authorities.toArray())) {
            read.invalidateAll();
        }
        authorities = List.copyOf(found);
    }

    /** What somebody shows, if its signatures are right; null if it shows nothing right. */
    public @Nullable MemberCredential credential(byte[] shown) {
        return credential(ByteString.copyFrom(shown));
    }

    private @Nullable MemberCredential credential(ByteString shown) {
        return shown.isEmpty()
                ? null
                : read.get(
                                shown,
                                bytes -> Optional.ofNullable(MemberCredential.parse(bytes.toByteArray(), authorities)))
                        .orElse(null);
    }

    private List<Ranked> ranked() {
        List<Ranked> ranked = new ArrayList<>();
        for (TrustEntry entry : entries.values()) {
            TrustContent content = entry.content();
            if (content.getCredential().isEmpty()) {
                if (authorities.stream().anyMatch(key -> Arrays.equals(key, entry.signer()))) {
                    ranked.add(new Ranked(entry, null));
                }
            } else {
                MemberCredential signer = credential(content.getCredential());
                boolean may = signer != null
                        && signer.isOf(entry.signer())
                        && signer.member().mayIssue()
                        && signer.isValidAt(content.getCreatedEpochMillis())
                        && content.getWhatCase() != TrustContent.WhatCase.AUTHORITY;
                if (may) {
                    ranked.add(new Ranked(entry, signer));
                }
            }
        }
        ranked.sort(BY_RANK);
        return ranked;
    }

    /** What one signer has decided, those above it before it. */
    private void evaluate(List<Ranked> decisions, Set<OverlayId> lifted) {
        MemberCredential signer = decisions.get(0).signer();
        if (signer != null && isBanned(signer)) {
            return;
        }
        for (Ranked each : decisions) {
            for (ByteString id : each.entry().content().getLift().getBansList()) {
                if (id.size() == OverlayId.BYTES) {
                    lifted.add(OverlayId.of(id.toByteArray()));
                }
            }
        }
        for (Ranked each : decisions) {
            TrustContent content = each.entry().content();
            if (content.hasBan() && !lifted.contains(each.entry().id())) {
                ban(each, content.getBan().getCredential());
            } else if (content.hasRules()
                    && (rules == null
                            || content.getRules().getVersion()
                                    > rules.content().getRules().getVersion())) {
                rules = each.entry();
            }
        }
    }

    private void ban(Ranked decision, ByteString shown) {
        MemberCredential whom = credential(shown);
        if (whom != null && mayBan(decision.depth(), whom)) {
            bans.computeIfAbsent(keyOf(whom.member()), unused -> new TreeMap<>())
                    .put(decision.entry().id(), decision);
        }
    }

    private static boolean mayBan(int signerDepth, MemberCredential whom) {
        return !whom.member().mayIssue() || signerDepth <= whom.depth();
    }

    private static ByteString keyOf(MemberCertificate certificate) {
        return ByteString.copyFrom(certificate.memberKey());
    }

    // ------------------------------------------------------------------- judging

    /** The Ed25519 keys that speak for the namespace. */
    public List<byte[]> authorities() {
        return authorities;
    }

    /**
     * Whether this key, by what it shows, is a member's at that time.
     *
     * @param credential null where none is needed: in an open namespace
     */
    public boolean isMember(byte[] signingKey, @Nullable MemberCredential credential, long nowMillis) {
        if (bans.containsKey(ByteString.copyFrom(signingKey))) {
            return false;
        }
        if (credential == null) {
            return descriptor.open();
        }
        return credential.isOf(signingKey)
                && credential.isValidAt(nowMillis)
                && !isBanned(credential)
                && !isRetired(credential, nowMillis);
    }

    /** True if the holder of that key was put out. */
    public boolean isBanned(byte[] signingKey) {
        return bans.containsKey(ByteString.copyFrom(signingKey));
    }

    /** True if its holder, or one of those whom it owes its membership to, was put out. */
    public boolean isBanned(MemberCredential credential) {
        return credential.certificates().stream().anyMatch(each -> bans.containsKey(keyOf(each)));
    }

    private boolean isRetired(MemberCredential credential, long nowMillis) {
        for (var each : retired.entrySet()) {
            boolean over = nowMillis > each.getValue() + MemberCertificate.CLOCK_TOLERANCE_MILLIS;
            if (over && credential.isBy(each.getKey().toByteArray())) {
                return true;
            }
        }
        return false;
    }

    /** The last moment at which a credential can count, milliseconds since 1970. */
    public long endMillis(MemberCredential credential) {
        long end = credential.notAfterMillis();
        for (var each : retired.entrySet()) {
            if (each.getValue() < end && credential.isBy(each.getKey().toByteArray())) {
                end = each.getValue();
            }
        }
        return end;
    }

    /** The entries that make other keys speak for the namespace than that which it is called after. */
    public List<TrustEntry> authorityEntries() {
        return entries.values().stream()
                .filter(each -> each.content().getWhatCase() == TrustContent.WhatCase.AUTHORITY)
                .toList();
    }

    /** True if that issuer can put that member out so that it counts. */
    public boolean mayBan(Issuer issuer, MemberCredential whom) {
        MemberCredential signer = credential(issuer.credential());
        return mayBan(signer == null ? 0 : signer.depth(), whom);
    }

    /**
     * The entries by which that key is put out.
     *
     * @param issuer who wants to let it come back; only what it can lift is listed
     */
    public List<OverlayId> bansOf(byte[] signingKey, Issuer issuer) {
        MemberCredential lifter = credential(issuer.credential());
        List<OverlayId> liftable = new ArrayList<>();
        bans.getOrDefault(ByteString.copyFrom(signingKey), new TreeMap<>()).forEach((id, ban) -> {
            if (lifter == null || rank(lifter, ban) <= 0) {
                liftable.add(id);
            }
        });
        return liftable;
    }

    private static int rank(MemberCredential lifter, Ranked ban) {
        int byDepth = Integer.compare(lifter.depth(), ban.depth());
        return byDepth != 0 ? byDepth : Arrays.compareUnsigned(lifter.member().salt(), ban.salt());
    }

    /** The bans that this signer has made and that count, with whom they put out. */
    public List<MemberCredential> bannedBy(byte[] signer) {
        List<MemberCredential> whom = new ArrayList<>();
        for (var each : bans.values()) {
            for (Ranked ban : each.values()) {
                MemberCredential banned =
                        credential(ban.entry().content().getBan().getCredential());
                if (banned != null && Arrays.equals(ban.entry().signer(), signer)) {
                    whom.add(banned);
                }
            }
        }
        return whom;
    }

    /** How many are put out. */
    public int bannedCount() {
        return bans.size();
    }

    /** The text of the access rules in force; null if there are none. */
    public @Nullable String rulesText() {
        return rules == null ? null : rules.content().getRules().getText();
    }

    /** The version of the access rules in force, 0 if there are none. */
    public long rulesVersion() {
        return rules == null ? 0 : rules.content().getRules().getVersion();
    }
}
