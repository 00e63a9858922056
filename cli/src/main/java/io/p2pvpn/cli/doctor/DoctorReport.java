package io.p2pvpn.cli.doctor;

import java.util.List;

/**
 * The document of {@code p2pvpn doctor}.
 *
 * @param findings in the order in which they were looked for
 */
record DoctorReport(List<Finding> findings) {
    boolean isWell() {
        return findings.stream().noneMatch(each -> each.severity() == Finding.Severity.ERROR);
    }
}
