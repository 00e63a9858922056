package io.p2pvpn.vpn.node;

import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.MembershipState;
import io.p2pvpn.vpn.trust.MemberCredential;
import java.util.ArrayList;
import java.util.List;

/** What people should know of how long this node is still a member of its closed namespaces. */
final class CertificateWatch {
    private static final long DAY_MILLIS = 24L * 3600 * 1000;
    private static final int INFO_DAYS = 7;
    private static final int WARNING_DAYS = 3;
    private static final int ERROR_DAYS = 1;

    private CertificateWatch() {}

    static List<Health> health(List<Membership> memberships, long nowMillis) {
        List<Health> health = new ArrayList<>();
        for (Membership membership : memberships) {
            String name = membership.options().name();
            if (membership.state() == MembershipState.REVOKED) {
                health.add(new Health(
                        "revoked",
                        Severity.ERROR,
                        "the membership of " + name + " was revoked: ask its administrators, then p2pvpn leave and join"
                                + " again"));
            } else if (membership.state() == MembershipState.EXPIRED) {
                String code = membership.approvalCode();
                health.add(new Health(
                        "certificate-expired",
                        Severity.ERROR,
                        "the certificate for " + name + " has expired: have an administrator run p2pvpn approve "
                                + (code == null ? "(the code is not known yet)" : code)));
            }
            MemberCredential credential = membership.credential();
            if (credential != null) {
                add(health, name, credential, nowMillis);
            }
        }
        return health;
    }

    /** Renewal begins in the middle of a life: what ends soon and is past that was not renewed. */
    private static void add(List<Health> health, String name, MemberCredential credential, long nowMillis) {
        long leftMillis = credential.notAfterMillis() - nowMillis;
        long lifeMillis =
                credential.notAfterMillis() - credential.member().terms().notBeforeMillis();
        if (leftMillis > INFO_DAYS * DAY_MILLIS || leftMillis > lifeMillis / 2) {
            return;
        }
        Severity severity = leftMillis <= ERROR_DAYS * DAY_MILLIS
                ? Severity.ERROR
                : leftMillis <= WARNING_DAYS * DAY_MILLIS ? Severity.WARNING : Severity.INFO;
        long hours = Math.max(0, leftMillis) / (DAY_MILLIS / 24);
        health.add(new Health(
                "certificate-expires",
                severity,
                "the certificate for " + name + " ends in " + (hours >= 48 ? hours / 24 + " days" : hours + " hours")
                        + " and no administrator could be reached that renews it: start one"));
    }
}
