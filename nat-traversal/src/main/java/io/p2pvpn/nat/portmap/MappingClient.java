package io.p2pvpn.nat.portmap;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One protocol with one gateway. Failures are {@link PortMapException}s. At most one call at a time is under way.
 */
interface MappingClient {
    /** The protocol it speaks. */
    PortMapping protocol();

    /**
     * Asks for a mapping.
     *
     * @param last what was granted for this port before and is to be kept if possible, or null
     */
    CompletableFuture<Mapping> map(MappedPort port, @Nullable Mapping last);

    /** Asks whether the gateway has forgotten the mapping; true also if a restart makes that likely. */
    CompletableFuture<Boolean> isForgotten(Mapping mapping);

    /** Gives a mapping back. */
    CompletableFuture<Void> unmap(Mapping mapping);
}
