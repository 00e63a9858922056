package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.data.TokenBucket;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Says where members' addresses are: behind our own hardware address, if somebody holds them. It answers stations of
 * our side that ask from their own address for one that is not of our side; nobody who looks whether an address is
 * free. Confined to the loop.
 */
final class AddressAnswers {
    /** Addresses that are looked up at a time. */
    static final int LOOK_UPS_MAX = 64;
    /** Questions that wait for one of them. */
    static final int QUESTIONS_PER_ADDRESS_MAX = 8;

    /** Whoever walks through all addresses does not have the members look all of them up. */
    private static final long LOOK_UP_NANOS = 50_000_000L;

    private static final int LOOK_UP_BURST = 64;
    private static final int LINK_LOCAL_10_BITS = 0x3fa;

    private final NodeRuntime runtime;
    private final EthernetShare share;
    private final AddressResolver resolver;
    private final FrameSender sender;
    private final TokenBucket lookUps;
    private final Map<Integer, List<Runnable>> waiting = new TreeMap<>();
    private final byte[] answer = new byte[VnetHeader.LENGTH + Solicitation.ANSWER_BYTES];
    private final Counter answered;
    private final Counter dropMalformed;
    private final Counter dropSource;
    private final Counter dropLookUp;
    private final Counter dropNobody;

    AddressAnswers(NodeRuntime runtime, EthernetShare share, AddressResolver resolver, FrameSender sender) {
        this.runtime = runtime;
        this.share = share;
        this.resolver = resolver;
        this.sender = sender;
        this.lookUps =
                new TokenBucket(LOOK_UP_NANOS, LOOK_UP_BURST, runtime.clock().nanoTime());
        answered = runtime.counters().counter("ethernet.resolved");
        dropMalformed = runtime.counters().counter("ethernet.drop.malformed");
        dropSource = runtime.counters().counter("ethernet.drop.source");
        dropLookUp = runtime.counters().counter("ethernet.drop.lookup");
        dropNobody = runtime.counters().counter("ethernet.drop.nobody");
    }

    /** An ARP packet from that station. */
    void onArp(long from, byte[] buffer, int length) {
        ArpPacket asked = ArpPacket.parse(buffer, VnetHeader.LENGTH, length - VnetHeader.LENGTH);
        if (asked == null || asked.senderMac() != from) {
            dropMalformed.increment();
            return;
        }
        boolean question = asked.operation() == ArpPacket.REQUEST && !asked.isProbe() && !asked.isGratuitous();
        if (!question || !isForeign(asked.targetIp())) {
            return;
        }
        if (!share.neighbours().isOf(from, asked.senderIp())) {
            dropSource.increment();
            return;
        }
        whenHeld(asked.targetIp(), () -> answer(asked));
    }

    private void answer(ArpPacket asked) {
        VnetHeader.clear(answer, 0);
        asked.answer(share.neighbours().gatewayMac()).write(answer, VnetHeader.LENGTH);
        sender.send(asked.senderMac(), EthernetPart.TYPE_ARP, answer, VnetHeader.LENGTH + ArpPacket.BYTES);
    }

    /** A neighbour solicitation from that station. */
    void onSolicitation(long from, byte[] buffer, int length) {
        Solicitation asked = Solicitation.parse(buffer, VnetHeader.LENGTH, length - VnetHeader.LENGTH);
        if (asked == null) {
            dropMalformed.increment();
            return;
        }
        Neighbours neighbours = share.neighbours();
        int target = (int) asked.targetLow();
        boolean member = asked.targetHigh() == neighbours.ulaHigh() && asked.targetLow() >>> 32 == 0;
        if (asked.isProbe() || !member || !isForeign(target)) {
            return;
        }
        boolean ofLink = asked.sourceHigh() >>> 54 == LINK_LOCAL_10_BITS;
        boolean ofMember = asked.sourceHigh() == neighbours.ulaHigh()
                && asked.sourceLow() >>> 32 == 0
                && neighbours.isOf(from, (int) asked.sourceLow());
        if (!ofLink && !ofMember) {
            dropSource.increment();
            return;
        }
        whenHeld(target, () -> {
            VnetHeader.clear(answer, 0);
            asked.writeAnswer(share.neighbours().gatewayMac(), answer, VnetHeader.LENGTH);
            sender.send(from, EthernetPart.TYPE_IPV6, answer, answer.length);
        });
    }

    private boolean isForeign(int target) {
        Neighbours neighbours = share.neighbours();
        return neighbours.isMember(target) && !neighbours.isHere(target);
    }

    private void whenHeld(int target, Runnable reply) {
        if (resolver.isKnown(target)) {
            answered.increment();
            reply.run();
            return;
        }
        List<Runnable> others = waiting.get(target);
        if (others != null) {
            if (others.size() < QUESTIONS_PER_ADDRESS_MAX) {
                others.add(reply);
            } else {
                dropLookUp.increment();
            }
            return;
        }
        if (waiting.size() >= LOOK_UPS_MAX || !lookUps.tryTake(runtime.clock().nanoTime())) {
            dropLookUp.increment();
            return;
        }
        waiting.put(target, new ArrayList<>(List.of(reply)));
        Completions.whenDone(runtime.timers(), resolver.isHeldByAnother(target), (held, failure) -> {
            List<Runnable> asked = waiting.remove(target);
            boolean yes = failure == null && held && isForeign(target);
            (yes ? answered : dropNobody).increment();
            if (yes && asked != null) {
                asked.forEach(Runnable::run);
            }
        });
    }
}
