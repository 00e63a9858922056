package io.p2pvpn.overlay.relay;

import io.p2pvpn.overlay.runtime.ByteBucket;
import io.p2pvpn.overlay.session.Session;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A pair of nodes that we forward for. Confined to the node's loop. */
final class RelayBinding {
    /** One of its two sides. */
    static final class Leg implements RelayLabels.Target {
        private final RelayBinding binding;
        private final Session session;
        private final int label;
        private int remoteLabel;

        private Leg(RelayBinding binding, Session session, int label) {
            this.binding = binding;
            this.session = session;
            this.label = label;
        }

        RelayBinding binding() {
            return binding;
        }

        /** The session with this side's end. */
        Session session() {
            return session;
        }

        /** What the end's frames carry when they come. */
        int label() {
            return label;
        }

        /** What frames carry on their way to the end; 0 until it has told. */
        int remoteLabel() {
            return remoteLabel;
        }

        void setRemoteLabel(int told) {
            remoteLabel = told;
        }

        Leg other() {
            return this == binding.asker ? binding.asked : binding.asker;
        }
    }

    /** On whose behalf it exists: the node that asked. Limits count for it. */
    static final class Owner {
        private ByteBucket bucket;
        private int bindings;

        Owner(ByteBucket bucket) {
            this.bucket = bucket;
        }

        void limit(ByteBucket next) {
            bucket = next;
        }

        ByteBucket bucket() {
            return bucket;
        }

        int bindings() {
            return bindings;
        }
    }

    private final Owner owner;
    private final Leg asker;
    private final Leg asked;
    private long usedNanos;
    private @Nullable CompletableFuture<byte[]> offered;

    RelayBinding(Owner owner, Session asker, int askerLabel, Session asked, int askedLabel, long nowNanos) {
        this.owner = owner;
        this.asker = new Leg(this, asker, askerLabel);
        this.asked = new Leg(this, asked, askedLabel);
        this.usedNanos = nowNanos;
        owner.bindings++;
    }

    Owner owner() {
        return owner;
    }

    Leg asker() {
        return asker;
    }

    Leg asked() {
        return asked;
    }

    Leg legOf(Session end) {
        return asker.session == end ? asker : asked;
    }

    boolean has(Session end) {
        return asker.session == end || asked.session == end;
    }

    /** The offer under way, or null. */
    @Nullable
    CompletableFuture<byte[]> offered() {
        return offered;
    }

    void setOffered(@Nullable CompletableFuture<byte[]> underWay) {
        offered = underWay;
    }

    void use(long nowNanos) {
        usedNanos = nowNanos;
    }

    long usedNanos() {
        return usedNanos;
    }

    void released() {
        owner.bindings--;
    }
}
