package io.p2pvpn.simulator.converged;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.simulator.SimWorld;
import io.p2pvpn.simulator.WorldTimers;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Members that are made of nothing but what crawls need, for rings that do not fit into a machine: links stand as
 * {@link RingLinks} says and never change, without sessions, and without maintenance. What members say to each other is
 * encoded, takes its time, and is an event of the world each. Members come into being when they are first spoken to.
 * Confined to the world's thread.
 */
public final class LightNetwork {
    /** What befell a member. */
    public enum State {
        /** Nothing. */
        WELL,
        /** It has crashed, and nobody has noticed. */
        CRASHED,
        /** It takes up everything some seconds late. */
        LAGGING
    }

    /** How late. */
    public static final long LAG_NANOS = 5_000_000_000L;

    /** Hears of each call between two members, also of repeated ones. */
    @FunctionalInterface
    public interface Listener {
        /** One asks another; that has not arrived yet. */
        void onCall(int from, int to, String method, byte[] body);
    }

    private final SimWorld world;
    private final RingLinks links;
    private final WorldTimers mail;
    private final SplittableRandom random;
    private final Counters counters = new Counters();
    private final @Nullable LightMember[] members;
    private final State[] states;
    private final long[] sentBytes;
    private Listener listener = (from, to, method, body) -> {};
    private long sentMessages;

    /** A network in that world. */
    public LightNetwork(SimWorld world, RingLinks links, SplittableRandom random) {
        this.world = world;
        this.links = links;
        this.mail = new WorldTimers(world, 0);
        this.random = random;
        this.members = new LightMember[links.size()];
        this.states = new State[links.size()];
        this.sentBytes = new long[links.size()];
        Arrays.fill(states, State.WELL);
    }

    /** Who there is. */
    public RingLinks links() {
        return links;
    }

    /** A member. */
    public LightMember member(int number) {
        LightMember member = members[number];
        if (member == null) {
            member = new LightMember(this, number, random.split());
            members[number] = member;
        }
        return member;
    }

    /** From now on that befell it. */
    public void set(int number, State state) {
        states[number] = state;
    }

    /** What befell it. */
    public State state(int number) {
        return states[number];
    }

    /** That one hears of all calls from now on. */
    public void setListener(Listener newListener) {
        listener = newListener;
    }

    /** Messages sent so far, each over one link, also those that are repeated or lost. */
    public long sentMessages() {
        return sentMessages;
    }

    /** What each member has sent so far, bytes. */
    public long[] sentBytes() {
        return sentBytes.clone();
    }

    SimWorld world() {
        return world;
    }

    Counters counters() {
        return counters;
    }

    OverlayId id(int number) {
        return links.id(number);
    }

    void send(int from, int to, Control message) {
        byte[] bytes = message.toByteArray();
        sentMessages++;
        sentBytes[from] += bytes.length;
        if (message.hasCall()) {
            listener.onCall(
                    from,
                    to,
                    message.getCall().getMethod(),
                    message.getCall().getBody().toByteArray());
        }
        if (states[to] == State.CRASHED) {
            return;
        }
        long lateNanos = states[to] == State.LAGGING ? LAG_NANOS : 0;
        mail.schedule(links.oneWayNanos(from, to) + lateNanos, () -> {
            world.step(from, to);
            try {
                member(to).onMessage(from, Control.parseFrom(bytes));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("what was sent is no message", e);
            }
        });
    }
}
