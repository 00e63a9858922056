package io.p2pvpn.vpn.names;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Who knows the names of a namespace. Called on the node's loop; completes there, exceptionally if nobody answers. */
public interface NameSource {
    /** The virtual IPv4 address of the member with that name, however it is written. */
    CompletableFuture<Optional<Integer>> address(String hostName);

    /** The name of the member that holds an address, if that name leads back to it. */
    CompletableFuture<Optional<String>> hostName(int ipv4);

    /** Who offers such a service; a sample where there are very many. */
    CompletableFuture<List<ServiceInstance>> services(ServiceType type);

    /** Every member that answers, by name and address, for files that list them. */
    CompletableFuture<List<Entry>> entries();

    /** Whether a machine with that address may ask, beside this host itself. */
    default boolean mayAsk(int ipv4) {
        return false;
    }

    /** Has this run whenever a member says that it has come, or goes; in place of what ran before. */
    void onChanged(Runnable listener);

    /**
     * A member.
     *
     * @param hostName its name, never empty
     * @param ipv4 its virtual address
     */
    record Entry(String hostName, int ipv4) {}
}
