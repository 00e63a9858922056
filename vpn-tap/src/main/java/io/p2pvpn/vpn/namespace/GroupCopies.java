package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.vpn.data.DataPlane;
import io.p2pvpn.vpn.data.MemberRoute;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Packets for members that are named by the sender, not by the packet: they wait for the member's route, where it is
 * not known yet, as other packets do. Confined to the node's loop.
 */
final class GroupCopies {
    /** Members whose routes are waited for. */
    static final int MEMBERS_MAX = 64;
    /** Packets that wait for one of them: half a second of a stream, while the session is made. */
    static final int PACKETS_PER_MEMBER_MAX = 256;
    /** Packets that wait in all; no more are taken. */
    static final int PACKETS_MAX = 1024;

    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private static final class Waiting {
        private final ArrayDeque<byte[]> packets = new ArrayDeque<>();
        private final long sinceNanos;

        Waiting(long nowNanos) {
            sinceNanos = nowNanos;
        }
    }

    private final Counters counters;
    private final PacketRoutes routes;
    private final DataPlane plane;
    private final Map<Integer, Waiting> waiting = new LinkedHashMap<>();
    private int packets;

    GroupCopies(Counters counters, PacketRoutes routes, DataPlane plane) {
        this.counters = counters;
        this.routes = routes;
        this.plane = plane;
        routes.onRoute(this::onRoute);
    }

    /** The routes of those of these members that have one; for the others the packet waits. */
    List<MemberRoute> routesTo(List<Integer> members, byte[] buffer, int length) {
        List<MemberRoute> found = new ArrayList<>(members.size());
        for (int member : members) {
            MemberRoute route = routes.table().get(member);
            if (route != null && route.tunnel().isOpen()) {
                found.add(route);
            } else {
                hold(member, Arrays.copyOf(buffer, length));
            }
        }
        return found;
    }

    /** Sends a packet, behind its virtio header, to a member. */
    void send(int member, byte[] packet) {
        MemberRoute route = routes.table().get(member);
        if (route != null && route.tunnel().isOpen()) {
            plane.sendTo(route, packet);
            plane.flush();
        } else {
            hold(member, packet);
        }
    }

    private void hold(int member, byte[] packet) {
        Waiting held = waiting.get(member);
        boolean isFull = held == null ? waiting.size() >= MEMBERS_MAX : held.packets.size() >= PACKETS_PER_MEMBER_MAX;
        if (isFull || packets >= PACKETS_MAX) {
            count();
            return;
        }
        packets++;
        if (held != null) {
            held.packets.add(packet);
            return;
        }
        held = new Waiting(routes.nowNanos());
        held.packets.add(packet);
        waiting.put(member, held);
        // A route that is found at once takes it along.
        routes.reach(member);
    }

    private void onRoute(MemberRoute route) {
        Waiting held = waiting.remove(route.ipv4());
        if (held != null) {
            packets -= held.packets.size();
            held.packets.forEach(packet -> plane.sendTo(route, packet));
            plane.flush();
        }
    }

    /** Gives up those that have waited for too long. */
    void lapse(long nowNanos) {
        waiting.values().removeIf(held -> {
            boolean late = nowNanos - held.sinceNanos > PATIENCE_NANOS;
            if (late) {
                packets -= held.packets.size();
                held.packets.forEach(packet -> count());
            }
            return late;
        });
    }

    private void count() {
        counters.counter("group.drop.pending").increment();
    }

    void close() {
        waiting.clear();
        routes.onRoute(route -> {});
    }
}
