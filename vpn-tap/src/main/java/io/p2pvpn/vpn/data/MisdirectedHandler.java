package io.p2pvpn.vpn.data;

/** Hears of packets from a member that show that one side's knowledge of a lease is old. Called on the loop. */
public interface MisdirectedHandler {
    /** For where such packets are not looked at. */
    MisdirectedHandler NONE = new MisdirectedHandler() {
        @Override
        public void onNotOurs(MemberRoute from, int destination) {
            // Nobody wants to know.
        }

        @Override
        public boolean onNotTheirs(
                MemberRoute from, int source, int kind, byte[] buffer, int offset, int length, int trafficClass) {
            return false;
        }
    };

    /**
     * A packet came for an address of the namespace that is not ours; it was dropped.
     *
     * @param from whose session it came through
     * @param destination virtual IPv4 address, also for an IPv6 packet
     */
    void onNotOurs(MemberRoute from, int destination);

    /**
     * A packet came from an address of the namespace that is not the sender's as far as we know.
     *
     * @param from whose session it came through
     * @param source virtual IPv4 address, also for an IPv6 packet
     * @param buffer holds the packet; valid during the call
     * @return true if the packet was copied, to come again once that address was looked up; else it is dropped
     */
    boolean onNotTheirs(
            MemberRoute from, int source, int kind, byte[] buffer, int offset, int length, int trafficClass);
}
