package io.p2pvpn.simulator;

/**
 * Runs a test in many worlds. When one fails, the error names its seed, and with {@code -Dp2pvpn.seed=N} that world
 * alone is run again.
 */
public final class SimSeeds {
    /** System property: the one seed to run. */
    public static final String SEED_PROPERTY = "p2pvpn.seed";

    private SimSeeds() {}

    /** A test of one seed. */
    @FunctionalInterface
    public interface SeedTest {
        /** Runs in a world made from {@code seed}; throws to fail. */
        void run(long seed) throws Exception;
    }

    /** Runs {@code test} with the seeds 1 to {@code count}, or with the one of the system property. */
    public static void forEach(int count, SeedTest test) {
        String caller = StackWalker.getInstance()
                .walk(frames -> frames.skip(1)
                        .findFirst()
                        .map(frame -> simpleName(frame.getClassName()) + "#" + frame.getMethodName()))
                .orElse("");
        Long only = Long.getLong(SEED_PROPERTY);
        if (only != null) {
            run(only, test, caller);
            return;
        }
        for (long seed = 1; seed <= count; seed++) {
            run(seed, test, caller);
        }
    }

    /** The seed of the system property, or {@code seed} if there is none. */
    public static long seedOr(long seed) {
        return Long.getLong(SEED_PROPERTY, seed);
    }

    private static void run(long seed, SeedTest test, String caller) {
        try {
            test.run(seed);
        } catch (Exception | AssertionError failure) {
            if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            String replay = "mvn test -pl simulator -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=" + caller
                    + " -D" + SEED_PROPERTY + "=" + seed;
            throw new AssertionError(
                    "seed " + seed + " failed: " + failure.getMessage() + "\nreplay: " + replay, failure);
        }
    }

    private static String simpleName(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }
}
