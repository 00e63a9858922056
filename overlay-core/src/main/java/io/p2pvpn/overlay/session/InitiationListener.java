package io.p2pvpn.overlay.session;

/** Hears how a handshake that we started ended: exactly one of the two, once. */
public interface InitiationListener {
    /** The peer's keys are proven; the session may have existed before. */
    void onSession(Session session);

    /** Nobody with the right keys answered in time. */
    void onFailed(String reason);
}
