package io.p2pvpn.vpn.data;

import java.util.ArrayList;
import java.util.List;

/** Remembers what it heard. */
final class FakeMisdirected implements MisdirectedHandler {
    final List<Integer> notOurs = new ArrayList<>();
    final List<Integer> notTheirs = new ArrayList<>();

    @Override
    public void onNotOurs(MemberRoute from, int destination) {
        notOurs.add(destination);
    }

    @Override
    public boolean onNotTheirs(
            MemberRoute from, int source, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        notTheirs.add(source);
        return false;
    }
}
