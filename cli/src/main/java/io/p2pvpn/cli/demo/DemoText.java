package io.p2pvpn.cli.demo;

import io.p2pvpn.cli.Table;
import io.p2pvpn.cli.Words;
import java.util.List;

/** The demo's result for a person. */
final class DemoText {
    private DemoText() {}

    static String of(DemoReport report) {
        StringBuilder text = new StringBuilder();
        Table members = new Table("", "MEMBER", "VIRTUAL IP", "OVERLAY ID");
        report.members()
                .forEach(each -> members.row(each.name(), Words.orDash(each.virtualIp()), Words.id(each.overlayId())));
        text.append(members);
        text.append("\nping over the VPN (median of 3)\n").append(matrix(report, report.pings()));
        text.append("\nping after the bootstrap was killed\n").append(matrix(report, report.pingsAfterBootstrapGone()));
        DemoReport.Tcp tcp = report.tcp();
        if (tcp != null) {
            text.append("\none TCP stream: ")
                    .append(Words.megabits(tcp.vpnMbitPerSecond()))
                    .append(" through the VPN, ")
                    .append(Words.megabits(tcp.bareMbitPerSecond()))
                    .append(" over the bare link\n");
        }
        return text.append('\n').append(verdict(report)).append('\n').toString();
    }

    private static String verdict(DemoReport report) {
        long lost = report.pings().stream().filter(ping -> !ping.answered()).count();
        long lostAfter = report.pingsAfterBootstrapGone().stream()
                .filter(ping -> !ping.answered())
                .count();
        String span = " (" + Words.span((long) report.seconds()) + ")";
        if (report.allAnswered() && report.tcp() == null) {
            return "It does NOT work: all pings answered, but no TCP stream came through" + span;
        }
        if (report.allAnswered()) {
            return "It works: all " + report.pings().size() + " pings answered, and all again without the bootstrap"
                    + span;
        }
        return "It does NOT work: " + lost + " of " + report.pings().size() + " pings not answered, " + lostAfter
                + " of " + report.pingsAfterBootstrapGone().size() + " without the bootstrap" + span;
    }

    /** One row for each sender and address family, one column for each target. */
    private static String matrix(DemoReport report, List<DemoReport.Ping> pings) {
        List<String> names =
                report.members().stream().map(DemoReport.Member::name).toList();
        String[] titles = new String[names.size() + 1];
        titles[0] = "FROM \\ TO";
        for (int column = 0; column < names.size(); column++) {
            titles[column + 1] = names.get(column);
        }
        Table table = new Table("  ", titles);
        for (boolean v6 : new boolean[] {false, true}) {
            for (String from : names) {
                String[] cells = new String[names.size() + 1];
                cells[0] = from + (v6 ? " (IPv6)" : "");
                boolean any = false;
                for (int column = 0; column < names.size(); column++) {
                    String cell = cell(pings, from, names.get(column), v6);
                    cells[column + 1] = cell;
                    any |= !cell.equals("-");
                }
                if (any) {
                    table.row(cells);
                }
            }
        }
        return table.toString();
    }

    private static String cell(List<DemoReport.Ping> pings, String from, String to, boolean v6) {
        for (DemoReport.Ping ping : pings) {
            if (ping.from().equals(from)
                    && ping.to().equals(to)
                    && ping.address().indexOf(':') >= 0 == v6) {
                if (!ping.answered()) {
                    return "LOST " + (ping.sent() - ping.received()) + "/" + ping.sent();
                }
                return Words.millis(ping.rttMillis()) + " " + Words.orDash(ping.path());
            }
        }
        return "-";
    }
}
