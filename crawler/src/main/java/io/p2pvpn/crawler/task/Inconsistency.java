package io.p2pvpn.crawler.task;

import io.p2pvpn.overlay.id.OverlayId;
import org.jspecify.annotations.Nullable;

/**
 * Two members that do not agree who is beside whom. Immutable.
 *
 * @param node who names {@code expected} as its first, or second, member clockwise
 * @param expected who should therefore name {@code node} as its first, or second, counter-clockwise; null if
 *     {@code node} names nobody
 * @param found whom that one names there instead; null if nobody, or if nothing was heard of it
 * @param side 1: first neighbours (left1); 2: second ones (left2)
 */
public record Inconsistency(
        OverlayId node,
        @Nullable OverlayId expected,
        @Nullable OverlayId found,
        int side) {}
