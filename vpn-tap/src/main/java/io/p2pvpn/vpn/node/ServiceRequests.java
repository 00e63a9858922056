package io.p2pvpn.vpn.node;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ServicesReport;
import io.p2pvpn.vpn.control.ServicesReport.Service;
import io.p2pvpn.vpn.control.ServicesRequest;
import io.p2pvpn.vpn.names.ServiceInstance;
import io.p2pvpn.vpn.names.ServiceType;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.Presence;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Services that members offer. Confined to the node's loop. */
final class ServiceRequests {
    private final MembershipSteps steps;

    ServiceRequests(NodeDaemon daemon) {
        this.steps = new MembershipSteps(daemon);
    }

    CompletableFuture<ServicesReport> run(ServicesRequest request) {
        return steps.with(request.namespace(), membership -> {
            Presence presence = membership.presence();
            if (presence == null) {
                throw new ControlException(
                        ControlException.Kind.FAILED, "not a member yet: see p2pvpn status, and try again");
            }
            ServiceType type = request.service() == null ? null : ServiceType.parse(request.service());
            return run(presence, request, type)
                    .thenApply(found -> new ServicesReport(
                            membership.options().name(),
                            found.stream()
                                    .map(each -> service(membership, each))
                                    .toList()));
        });
    }

    private static CompletableFuture<List<ServiceInstance>> run(
            Presence presence, ServicesRequest request, @Nullable ServiceType type) {
        if (type == null) {
            return CompletableFuture.completedFuture(presence.ownServices());
        }
        return switch (request.operation()) {
            case PUBLISH -> presence.publish(type, request.port()).thenApply(done -> presence.ownServices());
            case UNPUBLISH -> presence.withdraw(type).thenApply(done -> presence.ownServices());
            case FIND -> presence.findServices(type);
        };
    }

    private static Service service(Membership membership, ServiceInstance each) {
        return new Service(
                each.type().toString(),
                each.hostName(),
                Presence.fullName(membership.options().name(), each.hostName()),
                each.port());
    }
}
