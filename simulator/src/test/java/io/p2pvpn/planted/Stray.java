package io.p2pvpn.planted;

/** Lives in no module's package. */
final class Stray {
    private Stray() {}
}
