package io.p2pvpn.vpn.data;

import io.p2pvpn.vpn.packet.IpPacket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Remembers what was sent to groups, and sends it to those it was told. */
final class FakeGroups implements GroupHandler {
    final List<byte[]> sent = new ArrayList<>();
    final List<Boolean> ours = new ArrayList<>();
    final List<Integer> received = new ArrayList<>();
    List<MemberRoute> members = List.of();
    boolean wanted;

    @Override
    public List<MemberRoute> onSent(byte[] buffer, int length, IpPacket packet, boolean isOurs) {
        sent.add(Arrays.copyOf(buffer, length));
        ours.add(isOurs);
        return members;
    }

    @Override
    public boolean isWanted(IpPacket packet) {
        return wanted;
    }

    @Override
    public boolean onReceived(MemberRoute from, byte[] buffer, IpPacket packet) {
        received.add(from.ipv4());
        return true;
    }
}
