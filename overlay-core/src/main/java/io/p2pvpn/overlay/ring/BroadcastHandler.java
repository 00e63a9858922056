package io.p2pvpn.overlay.ring;

/** Takes the broadcasts of one kind. */
@FunctionalInterface
public interface BroadcastHandler {
    /**
     * One arrived, for the first time. Runs before it is passed on: whoever is put out of the ring here gets nothing
     * to pass on.
     */
    void onBroadcast(Broadcast broadcast);
}
