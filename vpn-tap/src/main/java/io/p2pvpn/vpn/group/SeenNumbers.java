package io.p2pvpn.vpn.group;

import java.util.TreeSet;

/** Numbers of one sender, which grow, but may arrive in another order: each is new once. Confined to one thread. */
public final class SeenNumbers {
    /** The newest so many are told apart; what is older than all of them counts as seen. */
    static final int KEPT_MAX = 64;

    private final TreeSet<Long> newest = new TreeSet<>();
    private long floor = Long.MIN_VALUE;

    /** True the first time. */
    public boolean add(long number) {
        if (number <= floor || !newest.add(number)) {
            return false;
        }
        if (newest.size() > KEPT_MAX) {
            floor = newest.first();
            newest.remove(floor);
        }
        return true;
    }
}
