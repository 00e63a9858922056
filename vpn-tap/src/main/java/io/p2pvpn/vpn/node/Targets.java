package io.p2pvpn.vpn.node;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.namespace.Addresses;
import io.p2pvpn.vpn.namespace.Membership;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What people name members by: a virtual address, or a name. Confined to the node's loop. */
final class Targets {
    private Targets() {}

    /** The virtual address that the text is or that a member of that name has; else fails with NOT_FOUND. */
    static CompletableFuture<Integer> address(NodeDaemon daemon, String target) {
        Integer address = Addresses.parse(target);
        if (address != null) {
            return CompletableFuture.completedFuture(address);
        }
        CompletableFuture<Optional<Integer>> found = CompletableFuture.completedFuture(Optional.empty());
        for (Membership membership : daemon.memberships()) {
            var directory = membership.directory();
            if (directory != null) {
                found = found.thenCompose(known ->
                        known.isPresent() ? CompletableFuture.completedFuture(known) : directory.address(target));
            }
        }
        return found.thenCompose(known -> known.isPresent()
                ? CompletableFuture.completedFuture(known.get())
                : CompletableFuture.failedFuture(new ControlException(
                        ControlException.Kind.NOT_FOUND, "nobody here is called " + target + ": see p2pvpn peers")));
    }

    /** The same in one namespace. */
    static CompletableFuture<Integer> address(Membership membership, String target) {
        Integer address = Addresses.parse(target);
        var directory = membership.directory();
        if (address != null || directory == null) {
            return CompletableFuture.completedFuture(address == null ? 0 : address);
        }
        return directory
                .address(target)
                .thenCompose(known -> known.isPresent()
                        ? CompletableFuture.completedFuture(known.get())
                        : CompletableFuture.failedFuture(new ControlException(
                                ControlException.Kind.NOT_FOUND,
                                "nobody in " + membership.options().name() + " is called " + target)));
    }

    /** The namespace that the address is of. */
    static Membership membership(NodeDaemon daemon, int address) throws ControlException {
        for (Membership membership : daemon.memberships()) {
            var descriptor = membership.descriptor();
            if (descriptor != null && descriptor.prefix().contains4(address)) {
                return membership;
            }
        }
        throw new ControlException(
                ControlException.Kind.NOT_FOUND,
                Addresses.text4(address) + " is in no namespace of this node: see p2pvpn status");
    }
}
