package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Somebody on the way captures what two nodes say to each other, and sends it again or changes it. */
class ReplayAttackTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long CALL_NANOS = 5 * SECOND_NANOS;
    private static final int MAC_AT = 480;
    private static final int MAC_BYTES = 16;

    private final SimWorld world = new SimWorld(1);
    private final Peer caller = new Peer(world.network().addHost("caller"), SessionConfig.DEFAULT);
    private final Peer called = new Peer(world.network().addHost("called"), SessionConfig.DEFAULT);
    private final Endpoint attacker = world.network().addHost("attacker").address();
    private final List<byte[]> captured = new ArrayList<>();
    private int fromCalled;

    private void call(boolean isXx) {
        if (isXx) {
            caller.callXx(called, null, CALL_NANOS);
        } else {
            caller.callIk(called, CALL_NANOS);
        }
    }

    /** Captures what these types go to {@code to}. */
    private void capture(Peer to, int type) {
        world.network().addTap((now, from, at, frame) -> {
            if (at.equals(to.host().address()) && Frame.type(frame, 0, frame.length) == type) {
                captured.add(frame);
            }
            return frame;
        });
    }

    /** Sends all that was captured again, from its sender's address and from another. */
    private void replay(Peer from, Peer to) {
        for (byte[] frame : List.copyOf(captured)) {
            world.network().inject(from.host().address(), to.host().address(), frame);
            world.network().inject(attacker, to.host().address(), frame);
        }
    }

    private byte[] lastOf(int type) {
        return captured.stream()
                .filter(frame -> Frame.type(frame, 0, frame.length) == type)
                .reduce((earlier, later) -> later)
                .orElseThrow();
    }

    private static Map<String, Long> changes(Peer peer, Map<String, Long> before) {
        Map<String, Long> changes = new TreeMap<>();
        peer.counters().forEach((name, value) -> {
            if (!value.equals(before.getOrDefault(name, 0L))) {
                changes.put(name, value - before.getOrDefault(name, 0L));
            }
        });
        return changes;
    }

    /** What that does to a peer: one counter, and neither an answer nor a session, a packet or a path. */
    private void assertOnly(Peer victim, String counter, long times, Runnable attack) {
        Map<String, Long> before = new TreeMap<>(victim.counters());
        Map<Long, Integer> packets = new TreeMap<>(victim.packets());
        List<Integer> sent = new ArrayList<>();
        Tap tap = (now, from, to, frame) -> {
            if (from.equals(victim.host().address())) {
                sent.add(frame.length);
            }
            return frame;
        };
        world.network().addTap(tap);
        attack.run();
        world.runFor(50 * MILLI_NANOS);
        world.network().removeTap(tap);
        assertThat(changes(victim, before)).isEqualTo(Map.of(counter, times));
        assertThat(sent).isEmpty();
        assertThat(victim.packets()).isEqualTo(packets);
        assertThat(victim.layer().sessions())
                .hasSize(1)
                .allSatisfy(session -> assertThat(session.paths()).hasSize(1));
        assertThat(List.of(victim.ups(), victim.downs().size())).containsExactly(1, 0);
    }

    @Test
    void handshake_eachMessageSentAgain() {
        for (boolean isXx : new boolean[] {false, true}) {
            ReplayAttackTest pair = new ReplayAttackTest();
            pair.assertHandshakeCannotBeSentAgain(isXx);
        }
    }

    private void assertHandshakeCannotBeSentAgain(boolean isXx) {
        capture(called, Frame.TYPE_INIT);
        call(isXx);
        world.runFor(2 * SECOND_NANOS);
        assertThat(captured).hasSize(1);
        assertOnly(called, "session.drop.handshake-replayed", 2, () -> replay(caller, called));
        capture(caller, Frame.TYPE_RESPONSE);
        capture(called, Frame.TYPE_FINISH);
        called.openWith(caller).close("again");
        world.runFor(SECOND_NANOS);
        assertThat(caller.layer().sessions()).isEmpty();
        call(isXx);
        world.runFor(2 * SECOND_NANOS);
        Map<String, Long> before = new TreeMap<>(caller.counters());
        byte[] response = lastOf(Frame.TYPE_RESPONSE);
        world.network().inject(called.host().address(), caller.host().address(), response);
        world.network().inject(attacker, caller.host().address(), response);
        world.runFor(50 * MILLI_NANOS);
        assertThat(changes(caller, before)).isEqualTo(Map.of("session.drop.unknown-index", 2L));
        if (isXx) {
            Map<String, Long> atCalled = new TreeMap<>(called.counters());
            world.network().inject(attacker, called.host().address(), lastOf(Frame.TYPE_FINISH));
            world.runFor(50 * MILLI_NANOS);
            assertThat(changes(called, atCalled)).isEqualTo(Map.of("session.drop.unknown-index", 1L));
        }
    }

    @Test
    void traffic_sentAgain_fromWhereverItIs() {
        call(false);
        world.runFor(2 * SECOND_NANOS);
        capture(called, Frame.TYPE_DATA);
        caller.stream(called, MILLI_NANOS, 20);
        world.runFor(100 * MILLI_NANOS);
        assertThat(captured).hasSizeGreaterThanOrEqualTo(20);
        assertOnly(called, "session.drop.replayed", 2L * captured.size(), () -> replay(caller, called));
        assertThat(called.packets().values()).hasSize(20).allMatch(times -> times == 1);
    }

    @Test
    void traffic_withAnyHeaderFieldChanged() {
        call(false);
        world.runFor(2 * SECOND_NANOS);
        capture(called, Frame.TYPE_DATA);
        caller.sendPacket(called);
        world.runFor(100 * MILLI_NANOS);
        Endpoint to = called.host().address();
        byte[] frame = captured.get(0);
        assertOnly(called, "session.drop.malformed", 30 + 2 * 255, () -> {
            for (int version = 0; version < 16; version++) {
                byte[] changed = frame.clone();
                changed[0] = (byte) (version << 4 | Frame.TYPE_DATA);
                if (version != Frame.VERSION) {
                    world.network().inject(attacker, to, changed);
                    world.network().inject(caller.host().address(), to, changed);
                }
            }
            for (int value = 1; value < 256; value++) {
                for (int at : new int[] {2, 3}) {
                    byte[] changed = frame.clone();
                    changed[at] = (byte) value;
                    world.network().inject(attacker, to, changed);
                }
            }
        });
        assertOnly(called, "session.drop.forged", 14 + 240 + Long.BYTES, () -> {
            for (int lane = 0; lane < 256; lane++) {
                byte[] changed = frame.clone();
                changed[Frame.LANE_OFFSET] = (byte) lane;
                // On the lane of control messages that number was there before.
                if (lane != Frame.lane(frame, 0) && lane != 0) {
                    world.network().inject(attacker, to, changed);
                }
            }
            for (int i = 0; i < Long.BYTES; i++) {
                byte[] changed = frame.clone();
                changed[Frame.COUNTER_OFFSET + i] ^= 0x40;
                world.network().inject(attacker, to, changed);
            }
        });
        assertOnly(called, "session.drop.unknown-label", 32, () -> {
            for (int bit = 0; bit < 32; bit++) {
                byte[] changed = frame.clone();
                Frame.putLabel(changed, 0, 1 << bit);
                world.network().inject(attacker, to, changed);
            }
        });
    }

    // ------------------------------------------------------------------ downgrade

    /** Changes the first message on its way: what the called one counts, and the caller; no session comes of it. */
    private void assertNoSession(boolean isXx, UnaryOperator<byte[]> change, String atCalled, String atCaller) {
        ReplayAttackTest pair = new ReplayAttackTest();
        pair.world.network().addTap((now, from, to, frame) -> {
            pair.fromCalled += from.equals(pair.called.host().address()) ? 1 : 0;
            return Frame.type(frame, 0, frame.length) == Frame.TYPE_INIT ? change.apply(frame.clone()) : frame;
        });
        pair.call(isXx);
        pair.world.runFor(CALL_NANOS + SECOND_NANOS);
        assertThat(pair.caller.failures()).hasSize(1);
        assertThat(pair.caller.layer().sessions()).isEmpty();
        assertThat(pair.called.layer().sessions()).isEmpty();
        assertThat(pair.called.counters().keySet().stream()
                        .filter(name -> name.contains(".drop."))
                        .filter(name -> pair.called.count(name) > 0))
                .isEqualTo(atCalled.isEmpty() ? List.of() : List.of(atCalled));
        assertThat(pair.caller.counters().keySet().stream()
                        .filter(name -> name.contains(".drop."))
                        .filter(name -> pair.caller.count(name) > 0))
                .isEqualTo(atCaller.isEmpty() ? List.of() : List.of(atCaller));
        assertThat(pair.fromCalled == 0).isEqualTo(atCaller.isEmpty());
    }

    private byte[] macOf(byte[] init, boolean isXx) {
        byte[] target = isXx ? new byte[20] : called.id().toByteArray();
        byte[] key = Digests.sha256("p2pvpn mac1 v1".getBytes(StandardCharsets.US_ASCII), target);
        return Arrays.copyOf(Digests.hmac(key, Arrays.copyOf(init, MAC_AT)), MAC_BYTES);
    }

    private UnaryOperator<byte[]> otherSuite(boolean isXx) {
        return init -> {
            init[1] ^= 3;
            System.arraycopy(macOf(init, isXx), 0, init, MAC_AT, MAC_BYTES);
            return init;
        };
    }

    @Test
    void firstMessage_ofAnotherVersion() {
        for (boolean isXx : new boolean[] {false, true}) {
            for (int version : new int[] {0, 2, 15}) {
                assertNoSession(
                        isXx,
                        init -> {
                            init[0] = (byte) (version << 4 | Frame.TYPE_INIT);
                            return init;
                        },
                        "session.drop.malformed",
                        "");
            }
        }
    }

    @Test
    void firstMessage_withAnotherSuite() {
        for (boolean isXx : new boolean[] {false, true}) {
            assertNoSession(
                    isXx,
                    init -> {
                        init[1] ^= 3;
                        return init;
                    },
                    "session.drop.handshake-mac",
                    "");
        }
    }

    @Test
    void firstMessage_withASuiteThatThereIsNot() {
        assertNoSession(
                false,
                init -> {
                    init[1] = (byte) ((init[1] & 0xf0) | 7);
                    return init;
                },
                "session.drop.handshake-malformed",
                "");
    }

    /** Everybody can make mac1 right again. The suite is in the prologue: neither end reads what the other seals. */
    @Test
    void firstMessage_withAnotherSuite_andARightMac() {
        assertNoSession(false, otherSuite(false), "session.drop.handshake-forged", "");
        assertNoSession(true, otherSuite(true), "", "session.drop.handshake-forged");
    }

    // ---------------------------------------------------------------------- relay

    /** A relay cannot tell, and forwards it; the end can. */
    @Test
    void relayedTraffic_sentAgain() {
        RelayWorld relays = new RelayWorld(1, 3, NatBehaviour.SYMMETRIC);
        Node first = relays.first();
        Node second = relays.second();
        assertThat(relays.vpn().world().runUntil(() -> relays.relay(first, second) != null, 60 * SECOND_NANOS))
                .isTrue();
        assertThat(relays.vpn().ping(first, second, 10)).isNotNegative();
        Node relay = Objects.requireNonNull(relays.relay(first, second));
        SimNetwork network = relays.vpn().world().network();
        network.setLinkPolicy((from, to) -> LinkModel.CLEAN);
        relays.vpn().runFor(5);
        Map<Endpoint, List<byte[]>> toRelay = new TreeMap<>(Comparator.comparing(Endpoint::toString));
        List<byte[]> fromRelay = new ArrayList<>();
        Endpoint at = relay.host().address();
        Tap tap = (now, from, to, frame) -> {
            if (Frame.label(frame, 0) != 0 && to.equals(at)) {
                toRelay.computeIfAbsent(from, unused -> new ArrayList<>()).add(frame);
            } else if (Frame.label(frame, 0) != 0 && from.equals(at)) {
                fromRelay.add(frame);
            }
            return frame;
        };
        network.addTap(tap);
        for (int i = 0; i < 20; i++) {
            first.tun().send(second.address(), 5000 + i);
        }
        relays.vpn().world().runFor(100 * MILLI_NANOS);
        network.removeTap(tap);
        assertThat(fromRelay).hasSizeGreaterThanOrEqualTo(20);
        Path path = RelayWorld.active(second, first);
        long replayed = second.counter("session.drop.replayed");
        int received = second.tun().received().size();
        long forwarded = relay.counter("relay.forwarded.frames");
        long times = toRelay.values().stream().mapToInt(List::size).sum();
        toRelay.forEach((from, frames) -> frames.forEach(frame -> network.inject(from, at, frame)));
        relays.vpn().world().runFor(100 * MILLI_NANOS);
        assertThat(relay.counter("relay.forwarded.frames") - forwarded).isGreaterThanOrEqualTo(times);
        assertThat(second.counter("session.drop.replayed") - replayed + first.counter("session.drop.replayed"))
                .isEqualTo(times);
        assertThat(second.tun().received()).hasSize(received);
        assertThat(RelayWorld.active(second, first)).isEqualTo(path);
    }
}
