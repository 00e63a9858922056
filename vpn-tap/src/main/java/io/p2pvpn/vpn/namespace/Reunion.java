package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.wire.proto.KnockReply;
import io.p2pvpn.vpn.wire.proto.KnockRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * How a member that comes back finds the others: it calls all that wait at the {@link Rendezvous}, at once, and asks
 * whether they are members at this moment. Those who come back themselves say no; else two could wait for each other
 * for ever. Confined to the node's loop.
 */
final class Reunion {
    private static final long AGAIN_NANOS = 300_000_000L;

    private final OverlayNode node;
    private final Rendezvous rendezvous;
    private final NamespaceDescriptor descriptor;
    private final Consumer<List<Contact>> onEnd;
    private final TreeMap<OverlayId, Contact> waiting = new TreeMap<>();
    private int looks;
    private int conclusive;
    private int calls;
    private boolean ended;

    /** @param onEnd told the members to join through; none if nobody is there */
    Reunion(OverlayNode node, Rendezvous rendezvous, NamespaceDescriptor descriptor, Consumer<List<Contact>> onEnd) {
        this.node = node;
        this.rendezvous = rendezvous;
        this.descriptor = descriptor;
        this.onEnd = onEnd;
    }

    void start() {
        List<Long> periods = rendezvous.periods();
        looks = periods.size();
        conclusive = 0;
        for (long period : periods) {
            Completions.whenDone(node.runtime().timers(), rendezvous.find(period), (found, failure) -> {
                looks--;
                if (failure == null && found.conclusive()) {
                    conclusive++;
                    waiting.putAll(found.members());
                }
                if (looks == 0) {
                    onLooked(conclusive == periods.size());
                }
            });
        }
    }

    void stop() {
        ended = true;
    }

    private void onLooked(boolean complete) {
        if (ended) {
            return;
        }
        waiting.values().removeIf(contact -> contact.identity().equals(node.identity()));
        if (waiting.isEmpty() && !complete) {
            node.runtime().timers().schedule(AGAIN_NANOS, this::start);
        } else if (waiting.isEmpty()) {
            end(List.of());
        } else {
            calls = waiting.size();
            List.copyOf(waiting.values()).forEach(this::call);
        }
    }

    private void call(Contact member) {
        Contact contact = new Contact(member.identity().nodeId(), member.identity(), member.endpoints());
        byte[] request = KnockRequest.newBuilder()
                .setNamespaceId(ByteString.copyFrom(descriptor.id().toByteArray()))
                .build()
                .toByteArray();
        Completions.whenDone(
                node.runtime().timers(),
                node.connect(node.publicRing(), contact, Purpose.BOOTSTRAP)
                        .thenCompose(session -> node.calls().call(session, NamespaceSearch.KNOCK, request)),
                (reply, failure) -> {
                    calls--;
                    if (failure == null && isMember(reply)) {
                        List<Contact> members = new ArrayList<>(waiting.values());
                        members.remove(member);
                        members.add(0, member);
                        end(members);
                    } else if (calls == 0) {
                        end(List.of());
                    }
                });
    }

    private boolean isMember(byte[] encoded) {
        try {
            NamespaceDescriptor told = NamespaceDescriptor.parse(
                    KnockReply.parseFrom(encoded).getSignedDescriptor().toByteArray());
            return told != null && told.id().equals(descriptor.id());
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    private void end(List<Contact> members) {
        if (!ended) {
            ended = true;
            onEnd.accept(members);
        }
    }
}
