package io.p2pvpn.vpn.node;

import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.crawler.Finding;
import io.p2pvpn.crawler.mapreduce.Gap;
import io.p2pvpn.crawler.task.Consistency;
import io.p2pvpn.crawler.task.Inconsistency;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.control.CrawlResult;
import io.p2pvpn.vpn.control.CrawlResult.FindingEntry;
import io.p2pvpn.vpn.control.CrawlResult.GapEntry;
import io.p2pvpn.vpn.control.CrawlResult.InconsistencyEntry;
import io.p2pvpn.vpn.control.CrawlResult.RingEntry;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A crawl as the control API tells of it. Pure functions. */
final class CrawlResults {
    private static final double NANOS_PER_MILLI = 1e6;

    private CrawlResults() {}

    static CrawlResult of(@Nullable String namespace, CrawlReport report, List<Finding> findings) {
        Consistency consistency = report.consistency();
        return new CrawlResult(
                word(report.options().method()),
                word(report.options().by()),
                namespace,
                consistency.nodes(),
                consistency.value(),
                consistency.left1Value(),
                consistency.left2Value(),
                report.nanos() / NANOS_PER_MILLI,
                report.coverage().messages(),
                report.coverage().bytes(),
                report.coverage().depth(),
                report.mapMillisMax(),
                report.coverage().isComplete(),
                texts(report.lagging()),
                report.coverage().gaps().stream().map(CrawlResults::entry).toList(),
                texts(report.missing()),
                consistency.faults().stream().map(CrawlResults::entry).toList(),
                findings.stream().map(CrawlResults::entry).toList(),
                report.ring().stream().map(CrawlResults::entry).toList());
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> texts(List<OverlayId> ids) {
        return ids.stream().map(OverlayId::toString).toList();
    }

    private static @Nullable String text(@Nullable OverlayId id) {
        return id == null ? null : id.toString();
    }

    private static GapEntry entry(Gap gap) {
        return new GapEntry(
                gap.arc().from().toString(),
                gap.arc().to().toString(),
                gap.reason().text(),
                text(gap.member()));
    }

    private static InconsistencyEntry entry(Inconsistency fault) {
        return new InconsistencyEntry(
                fault.node().toString(), text(fault.expected()), text(fault.found()), "left" + fault.side());
    }

    private static FindingEntry entry(Finding finding) {
        return new FindingEntry(
                word(finding.cause()),
                finding.node().toString(),
                finding.other().toString(),
                finding.text());
    }

    private static RingEntry entry(NodeReport report) {
        return new RingEntry(
                report.id().toString(),
                report.name(),
                texts(report.successors()),
                texts(report.predecessors()),
                texts(report.far()),
                texts(report.chota()),
                texts(report.relayed()));
    }
}
