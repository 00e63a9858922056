package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.simulator.LinkModel.Jitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class SimNetworkTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final int MANY = 20_000;

    private final SimWorld world = new SimWorld(SimSeeds.seedOr(1));
    private final SimNetwork network = world.network();
    private final SimHost hostA = network.addHost("a");
    private final SimHost hostB = network.addHost("b");
    private final Recorder a = new Recorder(hostA.start());
    private final Recorder b = new Recorder(hostB.start());

    @Test
    void send_batch_isCutIntoFrames() {
        a.send(hostB.address(), "aabbc", 2);
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("aa", "bb", "c");
        assertThat(b.senders).containsOnly(hostA.address());
        assertThat(b.arrivalsNanos).containsOnly(10 * MILLI);
        assertThat(b.batches).isEqualTo(3);
    }

    @Test
    void send_batchReceiving_arrivesAsOneBatch() {
        network.setBatchReceiving(true);
        a.send(hostB.address(), "aabbc", 2);
        a.send(hostB.address(), "ddee", 2);
        b.send(hostA.address(), "x");
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("aa", "bb", "c", "dd", "ee");
        assertThat(b.batches).isEqualTo(2);
        assertThat(a.frames).containsExactly("x");
        assertThat(count("sim.delivered")).isEqualTo(6);
    }

    @Test
    void send_notABatch_isRefused() {
        byte[] bytes = new byte[70_000];
        var transport = a.runtime.transport();
        assertThatThrownBy(() -> transport.send(hostB.address(), bytes, 0, 65, 1, Transport.CLASS_DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> transport.send(hostB.address(), bytes, 0, 65_001, 2000, Transport.CLASS_DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> transport.send(hostB.address(), bytes, 69_999, 2, 2, Transport.CLASS_DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> transport.send(hostB.address(), bytes, 0, 1, 0, Transport.CLASS_DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void delay_uniform_hasItsRangeAndMean() {
        assertDelays(Jitter.UNIFORM, 20 * MILLI);
        assertThat(b.arrivalsNanos)
                .isNotEmpty()
                .allSatisfy(nanos -> assertThat(nanos % SECOND).isLessThanOrEqualTo(30 * MILLI));
    }

    @Test
    void delay_exponential_hasItsMinimumAndMean() {
        assertDelays(Jitter.EXPONENTIAL, 20 * MILLI);
        long beyondTwiceTheSpread =
                delaysNanos().filter(nanos -> nanos > 30 * MILLI).count();
        assertThat(beyondTwiceTheSpread / (double) MANY).isCloseTo(Math.exp(-2), within(0.02));
    }

    private LongStream delaysNanos() {
        return b.arrivalsNanos.stream().mapToLong(nanos -> nanos % SECOND);
    }

    private void assertDelays(Jitter jitter, long meanNanos) {
        network.setDefaultLink(LinkModel.CLEAN.withDelay(10 * MILLI, meanNanos, jitter));
        for (int i = 0; i < MANY; i++) {
            a.send(hostB.address(), "x");
            world.runFor(SECOND);
        }
        assertThat(b.arrivalsNanos)
                .hasSize(MANY)
                .allSatisfy(nanos -> assertThat(nanos % SECOND).isGreaterThanOrEqualTo(10 * MILLI));
        double sum =
                b.arrivalsNanos.stream().mapToDouble(nanos -> nanos % SECOND).sum();
        assertThat(sum / MANY).isCloseTo((double) meanNanos, within(0.02 * meanNanos));
    }

    @Test
    void loss_tenPercent_losesTenPercent() {
        network.setLink(hostA, hostB, LinkModel.CLEAN.withLoss(0.1));
        sendMany(a, hostB);
        sendMany(b, hostA);
        assertThat(b.frames.size() / (double) MANY).isCloseTo(0.9, within(0.01));
        assertThat(count("sim.drop.loss")).isEqualTo(MANY - b.frames.size());
        assertThat(a.frames).as("the other direction").hasSize(MANY);
    }

    @Test
    void uplink_tenKilobytesASecond_delaysAndDropsWhatComesFaster() {
        hostA.setUplinkBytesPerSecond(10_000);
        String kilobyte = "x".repeat(972);
        for (int i = 0; i < 10; i++) {
            a.send(hostB.address(), kilobyte);
            b.send(hostA.address(), kilobyte);
        }
        world.runFor(SECOND);
        assertThat(b.arrivalsNanos).containsExactly(110 * MILLI, 210 * MILLI, 310 * MILLI);
        assertThat(count("sim.drop.queue")).isEqualTo(7);
        assertThat(a.frames).as("the other direction").hasSize(10);
        a.send(hostB.address(), kilobyte);
        world.runFor(SECOND);
        assertThat(b.frames).as("once the queue is empty").hasSize(4);
    }

    @Test
    void hostDefaults_clockSkew_isDrawnForEachHost() {
        network.setHostDefaults(60_000, 0);
        List<Long> skews = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            skews.add(network.addHost("s" + i).wallClockSkewMillis());
        }
        assertThat(skews).allMatch(skew -> Math.abs(skew) <= 60_000);
        assertThat(Set.copyOf(skews)).hasSizeGreaterThan(90);
        assertThat(skews.stream().filter(skew -> skew < 0).count()).isBetween(30L, 70L);
        assertThat(hostA.wallClockSkewMillis()).isZero();
    }

    @Test
    void duplication_tenPercent_addsTenPercent() {
        network.setDefaultLink(LinkModel.CLEAN.withDuplication(0.1));
        sendMany(a, hostB);
        assertThat(b.frames.size() / (double) MANY).isCloseTo(1.1, within(0.01));
        assertThat(count("sim.sent")).isEqualTo(b.frames.size());
    }

    @Test
    void reordering_tenPercent_holdsThatManyBack() {
        network.setDefaultLink(LinkModel.CLEAN.withReordering(0.1, 5 * MILLI));
        sendMany(a, hostB);
        long late = b.arrivalsNanos.stream().filter(nanos -> nanos > 10 * MILLI).count();
        assertThat(late / (double) MANY).isCloseTo(0.1, within(0.01));
        assertThat(delaysNanos().min().orElseThrow()).isEqualTo(10 * MILLI);
        assertThat(delaysNanos().max().orElseThrow()).isBetween(14 * MILLI, 15 * MILLI);
        assertThat(b.frames).isNotEqualTo(b.frames.stream().sorted().toList());
        assertThat(Set.copyOf(b.frames)).hasSize(MANY);
        assertThat(b.frames).hasSize(MANY);
    }

    @Test
    void order_constantDelay_isKept() {
        sendMany(a, hostB);
        assertThat(b.frames).hasSize(MANY).isEqualTo(b.frames.stream().sorted().toList());
    }

    private void sendMany(Recorder sender, SimHost to) {
        for (int i = 0; i < MANY; i++) {
            sender.send(to.address(), Integer.toString(1_000_000 + i));
        }
        world.runFor(SECOND);
    }

    @Test
    void mtu_longerFrame_isDroppedAndCounted() {
        a.send(hostB.address(), "x".repeat(1500 - 28));
        a.send(hostB.address(), "y".repeat(1500 - 27));
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("x".repeat(1472));
        assertThat(count("sim.drop.mtu")).isEqualTo(1);
    }

    @Test
    void partition_healed_letsThroughAgain() {
        SimHost hostC = network.addHost("c");
        Recorder c = new Recorder(hostC.start());
        a.send(hostB.address(), "cut in flight");
        Partition partition = network.partition(List.of(hostA), List.of(hostB));
        a.send(hostB.address(), "cut");
        b.send(hostA.address(), "cut");
        a.send(hostC.address(), "to c");
        world.runFor(SECOND);
        assertThat(b.frames).isEmpty();
        assertThat(a.frames).isEmpty();
        assertThat(c.frames).containsExactly("to c");
        assertThat(count("sim.drop.partition")).isEqualTo(3);
        network.heal(partition);
        a.send(hostB.address(), "healed");
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("healed");
    }

    @Test
    void partitionOneWay_otherDirection_passes() {
        network.partitionOneWay(List.of(hostA), List.of(hostB));
        a.send(hostB.address(), "no");
        b.send(hostA.address(), "yes");
        world.runFor(SECOND);
        assertThat(b.frames).isEmpty();
        assertThat(a.frames).containsExactly("yes");
    }

    @Test
    void isolate_hostsAddedLater_areCutOffToo() {
        network.isolate(List.of(hostA));
        SimHost late = network.addHost("late");
        Recorder recorder = new Recorder(late.start());
        a.send(late.address(), "no");
        a.send(hostA.address(), "self");
        b.send(late.address(), "yes");
        world.runFor(SECOND);
        assertThat(recorder.frames).containsExactly("yes");
        assertThat(a.frames).containsExactly("self");
    }

    @Test
    void clog_untilItsEnd_holdsEverythingBackInOrder() {
        a.send(hostB.address(), "1");
        network.clog(hostA, hostB, 2 * SECOND);
        world.runFor(SECOND);
        a.send(hostB.address(), "2");
        b.send(hostA.address(), "back");
        world.runFor(SECOND - 1);
        assertThat(b.frames).isEmpty();
        assertThat(a.frames).containsExactly("back");
        world.runFor(1);
        assertThat(b.frames).containsExactly("1", "2");
        a.send(hostB.address(), "3");
        world.runFor(SECOND);
        assertThat(b.arrivalsNanos).containsExactly(2 * SECOND, 2 * SECOND, 2 * SECOND + 10 * MILLI);
    }

    @Test
    void roam_newAddress_isReachedAndTheOldIsNot() {
        Endpoint oldAddress = hostA.address();
        Endpoint newAddress = endpoint(77, 5000);
        b.send(oldAddress, "too late");
        hostA.roam(newAddress);
        a.send(hostB.address(), "from new");
        world.runFor(SECOND);
        assertThat(a.frames).isEmpty();
        assertThat(b.senders).containsExactly(newAddress);
        b.send(newAddress, "to new");
        b.send(oldAddress, "to old");
        world.runFor(SECOND);
        assertThat(a.frames).containsExactly("to new");
        assertThat(count("sim.drop.unheard")).isEqualTo(2);
        assertThat(a.runtime.transport().interfaceEndpoints(List.of()))
                .containsExactly(newAddress, newAddress.withKind(Endpoint.Kind.TCP));
        assertThat(a.runtime.transport().boundEndpoints().get(0).port()).isEqualTo(5000);
    }

    @Test
    void roam_addressOfAnother_isRefused() {
        assertThatThrownBy(() -> hostA.roam(hostB.address())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void addHost_twoAddresses_hearsAtBoth() {
        SimHost host = network.addHost("two", endpoint(50, 4001), endpoint(51, 4001));
        Recorder two = new Recorder(host.start());
        a.send(endpoint(50, 4001), "one");
        a.send(endpoint(51, 4001), "two");
        world.runFor(SECOND);
        assertThat(two.frames).containsExactly("one", "two");
    }

    @Test
    void setUp_down_nothingLeavesOrArrives() {
        a.send(hostB.address(), "in flight");
        hostB.setUp(false);
        b.send(hostA.address(), "from down");
        assertThat(b.runtime.transport().interfaceEndpoints(List.of())).isEmpty();
        world.runFor(SECOND);
        hostB.setUp(true);
        a.send(hostB.address(), "up");
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("up");
        assertThat(a.frames).isEmpty();
        assertThat(count("sim.drop.down")).isEqualTo(2);
    }

    @Test
    void crash_datagramOnItsWay_meetsTheNextLife() {
        a.send(hostB.address(), "to the next");
        Recorder next = new Recorder(hostB.restart());
        b.send(hostA.address(), "ghost");
        world.runFor(SECOND);
        assertThat(b.frames).isEmpty();
        assertThat(next.frames).containsExactly("to the next");
        assertThat(a.frames).as("a stopped node sends nothing").isEmpty();
        hostB.crash();
        a.send(hostB.address(), "to nobody");
        world.runFor(SECOND);
        assertThat(count("sim.drop.unheard")).isEqualTo(1);
    }

    @Test
    void tap_mutatesDropsAndCaptures() {
        List<byte[]> captured = new ArrayList<>();
        Tap tap = (now, from, to, frame) -> {
            captured.add(frame);
            if (frame[0] == 'd') {
                return null;
            }
            byte[] changed = frame.clone();
            changed[0] ^= 1;
            return frame[0] == 'b' ? changed : frame;
        };
        network.addTap(tap);
        a.send(hostB.address(), "a");
        a.send(hostB.address(), "b");
        a.send(hostB.address(), "d");
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("a", "c");
        assertThat(captured).hasSize(3);
        assertThat(count("sim.drop.tap")).isEqualTo(1);
        network.removeTap(tap);
        network.partition(List.of(hostA), List.of(hostB));
        network.inject(hostA.address(), hostB.address(), captured.get(2));
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("a", "c", "d");
        assertThat(b.senders).containsOnly(hostA.address());
    }

    @Test
    void trafficClass_travelsWithDatagrams_tapsMarkIt_batchesAreOfOne() {
        network.setBatchReceiving(true);
        a.send(hostB.address(), "aabb", 2, 0xba);
        a.send(hostB.address(), "cc", 2, 0x02);
        world.runFor(SECOND);
        assertThat(b.classes).containsExactly(0xba, 0xba, 0x02);
        assertThat(b.batches).isEqualTo(2);

        network.addTap(new Tap() {
            @Override
            public byte[] onFrame(long nowNanos, Endpoint from, Endpoint to, byte[] frame) {
                return frame;
            }

            @Override
            public int onTrafficClass(Endpoint from, Endpoint to, int trafficClass) {
                return trafficClass | 3;
            }
        });
        a.send(hostB.address(), "dd", 2, 0xba);
        a.send(hostB.address().withKind(Endpoint.Kind.TCP), "ee", 2, 0xba);
        world.runFor(SECOND);
        assertThat(b.classes).containsExactly(0xba, 0xba, 0x02, 0xbb, 0);
    }

    private long count(String counter) {
        return network.counters().counter(counter).value();
    }

    private static Endpoint endpoint(int lastByte, int port) {
        return Endpoint.of(Endpoint.Kind.UDP, new byte[] {12, 0, 0, (byte) lastByte}, port);
    }
}
