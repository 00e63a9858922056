package io.p2pvpn.vpn.names;

import java.util.concurrent.CompletableFuture;

/** How a host lets its programs look a namespace's names up. Called on the node's loop. */
public interface NameServices {
    /** Where names are not offered: in the simulator, and without a device. */
    NameServices NONE = (zone, device, ipv4, source) -> CompletableFuture.completedFuture(new Offer() {
        @Override
        public String how() {
            return "off";
        }

        @Override
        public CompletableFuture<?> withdraw() {
            return CompletableFuture.completedFuture(null);
        }
    });

    /** Names that are on offer. */
    interface Offer {
        /** By what, as a word for status. */
        String how();

        /** Takes everything back; completes on the loop when the host is as before. */
        CompletableFuture<?> withdraw();
    }

    /**
     * Offers the names of a zone.
     *
     * @param device of the namespace, which has the address
     * @param ipv4 our virtual address
     * @return completes on the loop; exceptionally, with a text for people, if the host offers no way
     */
    CompletableFuture<Offer> offer(NameZone zone, String device, int ipv4, NameSource source);
}
