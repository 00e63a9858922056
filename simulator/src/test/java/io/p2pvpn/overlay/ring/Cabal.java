package io.p2pvpn.overlay.ring;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.wire.proto.IdList;
import io.p2pvpn.overlay.wire.proto.RingMessage;
import io.p2pvpn.overlay.wire.proto.RingStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Malicious nodes that know each other and act together. Each is made of the parts of an honest one, joins like it, and
 * keeps its own neighbours right; but it swallows what it should forward or answers it in the place of whom it is for,
 * and whoever asks it for neighbours hears of its accomplices, and of identities that nobody answers for.
 */
public final class Cabal implements RingFactory {
    /** How many identities without a node they name for each that has one. */
    public static final int INVENTED_PER_NODE = 4;

    private static final int NAMED_PER_SIDE = 4;
    private static final int FALSE_SIZE = 1_000_000;

    private final RandomGenerator random;
    private final double answersShare;
    private final TreeMap<OverlayId, RingHost> accomplices = new TreeMap<>();
    private final TreeMap<OverlayId, PublicIdentity> invented = new TreeMap<>();

    private boolean active;

    /** @param answersShare the share of the calls passing by that are answered falsely; the others are swallowed */
    public Cabal(RandomGenerator random, double answersShare) {
        this.random = random;
        this.answersShare = answersShare;
    }

    /** An identity that no node has, to be named as a neighbour. */
    public void invent(PublicIdentity identity) {
        invented.put(identity.nodeId(), identity);
    }

    /** From now on they do harm; before, they are like others. */
    public void strike() {
        active = true;
    }

    @Override
    public Ring create(RingHost host, RingConfig config) {
        accomplices.put(config.self(), host);
        Ring ring = new Ring(host, config, new RingParts() {
            @Override
            RingRouter router(Ring itsRing, NeighbourTable table) {
                return new FalseRouter(itsRing, table);
            }

            @Override
            RingMaintenance maintenance(Ring itsRing, RingHost itsHost, NeighbourTable table) {
                return new FalseMaintenance(itsRing, itsHost, table);
            }
        });
        ring.handle(
                Ring.CONTACT_METHOD,
                call -> CompletableFuture.completedFuture(
                        Contacts.encode(List.of(active ? nearestAccomplice(call.target()) : ring.ownContact()))));
        return ring;
    }

    private Contact contact(OverlayId id) {
        RingHost host = accomplices.get(id);
        if (host == null) {
            // Answered by nobody: the first accomplice has other keys.
            host = accomplices.firstEntry().getValue();
            return new Contact(id, invented.get(id), host.candidates(), 1);
        }
        return new Contact(
                id, host.identity(), host.candidates(), host.sessions().bootId());
    }

    private Contact nearestAccomplice(OverlayId position) {
        OverlayId nearest = accomplices.firstKey();
        for (OverlayId id : accomplices.keySet()) {
            if (position.ringDistanceTo(id).compareTo(position.ringDistanceTo(nearest)) < 0) {
                nearest = id;
            }
        }
        return contact(nearest);
    }

    /** Those that would be neighbours of a position if there were only them, nearest first. */
    private static List<OverlayId> beside(NavigableMap<OverlayId, ?> ids, OverlayId position, boolean clockwise) {
        NavigableMap<OverlayId, ?> way = clockwise ? ids : ids.descendingMap();
        List<OverlayId> beside = new ArrayList<>(way.tailMap(position, false).keySet());
        beside.addAll(way.headMap(position, false).keySet());
        return beside.subList(0, Math.min(NAMED_PER_SIDE, beside.size()));
    }

    private List<Contact> neighboursOf(OverlayId position) {
        List<Contact> list = new ArrayList<>();
        for (boolean clockwise : new boolean[] {true, false}) {
            beside(accomplices, position, clockwise).forEach(id -> list.add(contact(id)));
            beside(invented, position, clockwise).forEach(id -> list.add(contact(id)));
        }
        return list;
    }

    private final class FalseRouter extends RingRouter {
        private final Ring ring;

        FalseRouter(Ring ring, NeighbourTable table) {
            super(ring, table);
            this.ring = ring;
        }

        @Override
        boolean route(RingMessage message) {
            OverlayId target = Contacts.id(message.getTarget());
            OverlayId source = Contacts.id(message.getSource());
            boolean ours =
                    !active || message.getHops() == 0 || ring.self().equals(target) || accomplices.containsKey(source);
            if (ours || target == null || source == null) {
                return super.route(message);
            }
            if (message.hasCall() && !message.getExact() && random.nextDouble() < answersShare) {
                ring.deliver(message, source);
            }
            return true;
        }
    }

    private final class FalseMaintenance extends RingMaintenance {
        FalseMaintenance(Ring ring, RingHost host, NeighbourTable table) {
            super(ring, host, table);
        }

        @Override
        CompletableFuture<byte[]> onJoinCall(RingCall call) {
            return !active || accomplices.containsKey(call.source())
                    ? super.onJoinCall(call)
                    : CompletableFuture.completedFuture(Contacts.encode(neighboursOf(call.source())));
        }

        @Override
        RingStatus.Builder status(OverlayId to, boolean wantReply) {
            RingStatus.Builder status = super.status(to, wantReply);
            if (active && !accomplices.containsKey(to)) {
                status.clearSuccessors().clearPredecessors().setNearSize(FALSE_SIZE);
                beside(accomplices, to, true).forEach(id -> status.addSuccessors(Contacts.bytes(id)));
                beside(accomplices, to, false).forEach(id -> status.addPredecessors(Contacts.bytes(id)));
                beside(invented, to, true).forEach(id -> status.addSuccessors(Contacts.bytes(id)));
                beside(invented, to, false).forEach(id -> status.addPredecessors(Contacts.bytes(id)));
            }
            return status;
        }

        @Override
        byte[] onContactsCall(IdList wanted) {
            if (!active) {
                return super.onContactsCall(wanted);
            }
            List<Contact> contacts = new ArrayList<>();
            for (ByteString bytes : wanted.getIdsList()) {
                OverlayId id = Contacts.id(bytes);
                if (id != null && (accomplices.containsKey(id) || invented.containsKey(id))) {
                    contacts.add(contact(id));
                }
            }
            return Contacts.encode(contacts);
        }
    }
}
