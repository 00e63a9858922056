package io.p2pvpn.simulator;

/**
 * How one direction of the way between two hosts treats what is sent. Immutable.
 *
 * <p>The jitter is drawn once for a batch, as a queue on the way would hold its datagrams up together; batches overtake
 * each other, and with {@code reorderProbability} so do single datagrams. Streams take the delay only, and wait out a
 * retransmission instead of losing anything.
 *
 * @param delayMinNanos the least one-way delay, 0 or more
 * @param delayMeanNanos the mean one-way delay, at least {@code delayMinNanos}
 * @param jitter how the delay is spread above its minimum
 * @param lossProbability share of datagrams that vanish, 0 to 1
 * @param duplicateProbability share of datagrams that arrive twice, 0 to 1
 * @param reorderProbability share of datagrams that are held back, 0 to 1
 * @param reorderMaxNanos the longest time that such a datagram is held back (uniform), 0 or more
 * @param mtuBytes the largest IP packet, headers included; larger ones vanish
 */
public record LinkModel(
        long delayMinNanos,
        long delayMeanNanos,
        Jitter jitter,
        double lossProbability,
        double duplicateProbability,
        double reorderProbability,
        long reorderMaxNanos,
        int mtuBytes) {

    /** How a delay is spread above its minimum. */
    public enum Jitter {
        /** Every delay is the mean. */
        CONSTANT,
        /** Evenly between the minimum and as far above the mean as the minimum is below it. */
        UNIFORM,
        /** Mostly little, sometimes much: exponential above the minimum. */
        EXPONENTIAL
    }

    static final int ETHERNET_MTU_BYTES = 1500;

    /** Ten milliseconds, always, and no fault at all. */
    public static final LinkModel CLEAN = constantDelay(10_000_000);

    /** A decent public path: 20 ms and a little jitter, one datagram in a thousand lost, some doubled or held back. */
    public static final LinkModel INTERNET = new LinkModel(
            20_000_000, 22_000_000, Jitter.EXPONENTIAL, 0.001, 0.0001, 0.001, 5_000_000, ETHERNET_MTU_BYTES);

    /** Checks the ranges. */
    public LinkModel {
        if (delayMinNanos < 0 || delayMeanNanos < delayMinNanos || reorderMaxNanos < 0 || mtuBytes < 0) {
            throw new IllegalArgumentException("delays or MTU out of range");
        }
        checkProbability(lossProbability);
        checkProbability(duplicateProbability);
        checkProbability(reorderProbability);
    }

    /** A faultless link of this one-way delay. */
    public static LinkModel constantDelay(long delayNanos) {
        return new LinkModel(delayNanos, delayNanos, Jitter.CONSTANT, 0, 0, 0, 0, ETHERNET_MTU_BYTES);
    }

    /** The same link with another delay. */
    public LinkModel withDelay(long minNanos, long meanNanos, Jitter shape) {
        return new LinkModel(
                minNanos,
                meanNanos,
                shape,
                lossProbability,
                duplicateProbability,
                reorderProbability,
                reorderMaxNanos,
                mtuBytes);
    }

    /** The same link with another loss probability. */
    public LinkModel withLoss(double probability) {
        return new LinkModel(
                delayMinNanos,
                delayMeanNanos,
                jitter,
                probability,
                duplicateProbability,
                reorderProbability,
                reorderMaxNanos,
                mtuBytes);
    }

    /** The same link with another duplication probability. */
    public LinkModel withDuplication(double probability) {
        return new LinkModel(
                delayMinNanos,
                delayMeanNanos,
                jitter,
                lossProbability,
                probability,
                reorderProbability,
                reorderMaxNanos,
                mtuBytes);
    }

    /** The same link holding back that share of datagrams, each by up to {@code maxNanos}. */
    public LinkModel withReordering(double probability, long maxNanos) {
        return new LinkModel(
                delayMinNanos,
                delayMeanNanos,
                jitter,
                lossProbability,
                duplicateProbability,
                probability,
                maxNanos,
                mtuBytes);
    }

    /** The same link with another MTU. */
    public LinkModel withMtu(int bytes) {
        return new LinkModel(
                delayMinNanos,
                delayMeanNanos,
                jitter,
                lossProbability,
                duplicateProbability,
                reorderProbability,
                reorderMaxNanos,
                bytes);
    }

    /** Draws one delay. */
    long drawDelayNanos(Dice dice) {
        long spreadNanos = delayMeanNanos - delayMinNanos;
        if (jitter == Jitter.CONSTANT || spreadNanos == 0) {
            return delayMeanNanos;
        }
        if (jitter == Jitter.UNIFORM) {
            return delayMinNanos + (long) (dice.nextUnit() * 2 * spreadNanos);
        }
        // StrictMath: Math.log may differ in its last bit between platforms, and so would the whole history.
        return delayMinNanos + (long) (-StrictMath.log(1 - dice.nextUnit()) * spreadNanos);
    }

    private static void checkProbability(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("not a probability: " + probability);
        }
    }
}
