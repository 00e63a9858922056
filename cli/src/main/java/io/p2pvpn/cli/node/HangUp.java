package io.p2pvpn.cli.node;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signal SIGHUP, which asks a daemon to read its configuration again. The JDK has no other way to hear of a signal
 * than {@code sun.misc.Signal} (module jdk.unsupported), called by reflection because the compiler warns of it.
 */
final class HangUp {
    private static final Logger LOG = LoggerFactory.getLogger(HangUp.class);

    private HangUp() {}

    /** Has {@code action} run, on a thread of the JVM's, at each of these signals; else they would end the process. */
    static void handle(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object hearer = Proxy.newProxyInstance(
                    HangUp.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            Object hangUp = signal.getConstructor(String.class).newInstance("HUP");
            signal.getMethod("handle", signal, handler).invoke(null, hangUp, hearer);
        } catch (ReflectiveOperationException missing) {
            Throwable reason = missing instanceof InvocationTargetException refused ? refused.getCause() : missing;
            LOG.warn("SIGHUP will end the process, not read its configuration again: {}", String.valueOf(reason));
        }
    }
}
