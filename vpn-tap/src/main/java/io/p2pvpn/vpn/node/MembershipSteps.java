package io.p2pvpn.vpn.node;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.namespace.Membership;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Requests about one of a node's namespaces. Confined to the node's loop. */
final class MembershipSteps {
    private final NodeDaemon daemon;

    MembershipSteps(NodeDaemon daemon) {
        this.daemon = daemon;
    }

    /** A step that may find that it cannot be done. */
    @FunctionalInterface
    interface Step<T> {
        CompletableFuture<T> run(Membership membership) throws ControlException;
    }

    /** Takes the step with a namespace, or the only one; what goes wrong is said in words. */
    <T> CompletableFuture<T> with(@Nullable String namespace, Step<T> step) {
        try {
            return step.run(membership(namespace))
                    .exceptionallyCompose(failure -> CompletableFuture.failedFuture(explained(failure)));
        } catch (ControlException refused) {
            return CompletableFuture.failedFuture(refused);
        } catch (IllegalArgumentException wrong) {
            return CompletableFuture.failedFuture(
                    new ControlException(Kind.WRONG_USAGE, String.valueOf(wrong.getMessage()), wrong));
        }
    }

    private static Throwable explained(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof ControlException
                ? cause
                : new ControlException(
                        Kind.TIMED_OUT, cause.getMessage() + ": see p2pvpn status, and try again", cause);
    }

    private Membership membership(@Nullable String namespace) throws ControlException {
        if (namespace != null) {
            Membership named = daemon.membership(namespace);
            if (named == null) {
                throw new ControlException(Kind.NOT_FOUND, "this node is not in " + namespace + ": see p2pvpn status");
            }
            return named;
        }
        List<Membership> all = daemon.memberships();
        if (all.size() != 1) {
            throw new ControlException(
                    Kind.WRONG_USAGE,
                    all.isEmpty()
                            ? "this node is in no namespace: see p2pvpn join --help"
                            : "this node is in several namespaces: say which with --namespace");
        }
        return all.get(0);
    }
}
