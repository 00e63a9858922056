package io.p2pvpn.cli.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.p2pvpn.vpn.control.LogControl;
import io.p2pvpn.vpn.control.LogLevel;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The levels of this program's own log. */
final class LogbackLevels implements LogControl {
    @Override
    public @Nullable LogLevel apply(@Nullable LogLevel level) {
        if (!(LoggerFactory.getLogger("io.p2pvpn") instanceof Logger ours)) {
            return null;
        }
        if (level != null) {
            ours.setLevel(Level.toLevel(level.word()));
        }
        Level now = ours.getEffectiveLevel();
        return now.levelInt >= Level.WARN_INT ? LogLevel.WARN : now == Level.INFO ? LogLevel.INFO : LogLevel.DEBUG;
    }
}
