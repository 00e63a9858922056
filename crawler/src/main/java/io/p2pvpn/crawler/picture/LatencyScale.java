package io.p2pvpn.crawler.picture;

/** The colours of round trips. */
final class LatencyScale {
    /** How many colours there are. */
    static final int STEPS = 5;

    private static final double[] LIMITS_MILLIS = {5, 20, 60, 150};

    private LatencyScale() {}

    /** The colour of a round trip, 0 (short) to {@link #STEPS} - 1. */
    static int step(double rttMillis) {
        int step = 0;
        while (step < LIMITS_MILLIS.length && rttMillis >= LIMITS_MILLIS[step]) {
            step++;
        }
        return step;
    }

    /** In the legend. */
    static String words(int step) {
        if (step == 0) {
            return "under " + (int) LIMITS_MILLIS[0] + " ms";
        }
        return step == STEPS - 1
                ? (int) LIMITS_MILLIS[step - 1] + " ms and more"
                : (int) LIMITS_MILLIS[step - 1] + " to " + (int) LIMITS_MILLIS[step] + " ms";
    }
}
