package io.p2pvpn.vpn.dashboard;

import io.p2pvpn.vpn.control.PeersReport.Peer;
import io.p2pvpn.vpn.control.PlacesReport;
import io.p2pvpn.vpn.control.StatusReport;
import java.util.List;

/**
 * What a live view gets.
 *
 * @param now the newest point of the history
 * @param status what the node is
 * @param peers whom it talks to
 * @param places where they stand
 */
record LiveReport(HistoryReport.Point now, StatusReport status, List<Peer> peers, PlacesReport places) {}
