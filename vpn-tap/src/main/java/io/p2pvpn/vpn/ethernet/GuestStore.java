package io.p2pvpn.vpn.ethernet;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.wire.proto.GuestList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What is kept of guests over restarts: a loss costs them their address of last time at most. Confined to the loop. */
final class GuestStore {
    private static final int VERSION = 1;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final long MILLIS_PER_SECOND = 1000;

    /**
     * A guest.
     *
     * @param secondsLeft of its lease; 0 or less if it has none
     */
    record Kept(long mac, int ipv4, String hostName, long secondsLeft) {}

    private final NodeRuntime runtime;
    private final String file;

    GuestStore(NodeRuntime runtime, String file) {
        this.runtime = runtime;
        this.file = file;
    }

    List<Kept> read() {
        List<Kept> kept = new ArrayList<>();
        byte[] bytes = runtime.store().read(file);
        if (bytes == null) {
            return kept;
        }
        try {
            GuestList list = GuestList.parseFrom(bytes);
            long now = runtime.clock().epochMillis();
            for (GuestList.Guest each :
                    list.getVersion() == VERSION ? list.getGuestsList() : List.<GuestList.Guest>of()) {
                long left = each.getUntilEpochMillis() == 0 ? 0 : each.getUntilEpochMillis() - now;
                kept.add(new Kept(each.getMac(), each.getIpv4(), each.getHostName(), left / MILLIS_PER_SECOND));
            }
        } catch (InvalidProtocolBufferException damaged) {
            runtime.counters().counter("ethernet.guests.damaged").increment();
        }
        return kept;
    }

    void write(Collection<Guest> guests) {
        long nowMillis = runtime.clock().epochMillis();
        long nowNanos = runtime.clock().nanoTime();
        GuestList.Builder list = GuestList.newBuilder().setVersion(VERSION);
        for (Guest guest : guests) {
            boolean bound = guest.state() == Guest.State.BOUND;
            list.addGuests(GuestList.Guest.newBuilder()
                    .setMac(guest.mac())
                    .setIpv4(guest.ipv4())
                    .setHostName(guest.hostName())
                    .setUntilEpochMillis(bound ? nowMillis + (guest.untilNanos() - nowNanos) / NANOS_PER_MILLI : 0));
        }
        var unused = runtime.store().write(file, list.build().toByteArray()).exceptionally(failure -> {
            runtime.counters().counter("ethernet.guests.not-written").increment();
            return null;
        });
    }
}
