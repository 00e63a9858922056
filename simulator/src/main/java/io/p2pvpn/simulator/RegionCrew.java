package io.p2pvpn.simulator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The regions of a divided world and who runs them: as many threads as there are processors for, the world's own being
 * one of them. They wait for each other at the end of each window.
 */
final class RegionCrew {
    /** Windows are short: who waits for the end of one looks that often before it lets others have the processor. */
    private static final int SPINS = 5_000;

    private static final long NAP_NANOS = 20_000;

    /** Worlds are often run for a short time, again and again. */
    private static final long KEEP_SECONDS = 1;

    /** No more for a world than processors. */
    private static final ExecutorService THREADS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, KEEP_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), RegionThread::new);

    private final Region own;
    private final RegionPlan plan;
    private final List<Region> regions = new ArrayList<>();
    private final List<Region> all = new ArrayList<>();
    private final int threads;
    private final List<Worker> workers = new ArrayList<>();
    /** What the world's thread runs. */
    private Region mine;
    /** The end of the window that is run now or was run last, included. */
    private long endNanos;
    /** How many windows were begun; written by the world's thread only, after {@link #endNanos}. */
    private volatile long windows;

    RegionCrew(SimWorld world, Region own, RegionPlan plan) {
        this.own = own;
        this.plan = plan;
        this.mine = own;
        all.add(own);
        for (int i = 0; i < plan.regions(); i++) {
            regions.add(new Region(world, Hashes.mix64(world.seed() + i + 1)));
        }
        all.addAll(regions);
        threads = Math.min(regions.size(), Runtime.getRuntime().availableProcessors());
    }

    /** What is of no region, and then all regions. */
    List<Region> all() {
        return all;
    }

    Region regionOf(int host) {
        return regions.get(plan.regionOf().applyAsInt(host));
    }

    /** What the calling thread runs at the moment. */
    Region current() {
        Region region = Thread.currentThread() instanceof RegionThread thread ? thread.region : null;
        return region == null ? mine : region;
    }

    /** Queues an event; one for another region than that of the caller has to lie beyond the window. */
    void schedule(Region target, long nanos, SimEvent event) {
        Region current = current();
        if (current == target || current == own) {
            target.schedule(nanos, event);
        } else if (target == own) {
            current.post(own, Math.max(nanos, endNanos + 1), event);
        } else if (nanos > endNanos) {
            current.post(target, nanos, event);
        } else {
            throw new IllegalStateException("faster from region to region than " + plan.lookaheadNanos() + " ns");
        }
    }

    /**
     * Lets the next things happen that are due until then, included: an event of no region, or those of all regions in
     * as long a time as none of them can feel what the others do. False if there is nothing.
     */
    boolean runWindow(long untilNanos) {
        long startNanos = Long.MAX_VALUE;
        for (Region region : regions) {
            startNanos = Math.min(startNanos, region.firstNanos());
        }
        long ownNanos = own.firstNanos();
        if (Math.min(startNanos, ownNanos) > untilNanos) {
            return false;
        }
        if (ownNanos <= startNanos) {
            advance(ownNanos);
            own.run(ownNanos);
        } else {
            long lookaheadNanos = SimWorld.saturatedAdd(startNanos, plan.lookaheadNanos());
            endNanos = Math.min(untilNanos, Math.min(ownNanos, lookaheadNanos) - 1);
            runRegions();
            advance(endNanos);
            regions.forEach(Region::exchange);
            giveReports();
        }
        return true;
    }

    private void advance(long nanos) {
        all.forEach(region -> region.advance(nanos));
    }

    private void runRegions() {
        if (workers.isEmpty()) {
            for (int number = 1; number < threads; number++) {
                Worker worker = new Worker(number);
                THREADS.execute(worker);
                workers.add(worker);
            }
        }
        long before = windows;
        windows = before + 1;
        try {
            for (int i = 0; i < regions.size(); i += threads) {
                mine = regions.get(i);
                mine.run(endNanos);
            }
        } finally {
            mine = own;
            workers.forEach(Worker::awaitEnd);
        }
        workers.forEach(Worker::rethrow);
    }

    /** Regions do not know when the others' reports came up: they are given in the order of their times. */
    private void giveReports() {
        List<Region.Report> reports = new ArrayList<>();
        regions.forEach(region -> region.takeReports(reports));
        reports.sort(Comparator.comparingLong(Region.Report::nanos));
        reports.forEach(report -> report.action().run());
    }

    /** Nothing to do for now: lets the threads go, so that none is left over when the world is forgotten. */
    void rest() {
        workers.forEach(Worker::dismiss);
        workers.clear();
    }

    /** SHA-256 over the digests of all regions. */
    String digest() {
        MessageDigest sha256 = Hashes.newSha256();
        all.forEach(region -> sha256.update(region.history().digest().getBytes(StandardCharsets.US_ASCII)));
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** A thread of the pool, and what it runs now if it does. */
    private static final class RegionThread extends Thread {
        private @Nullable Region region;

        RegionThread(Runnable work) {
            super(work, "region");
            setDaemon(true);
        }
    }

    /** Runs its regions, window after window. */
    private final class Worker implements Runnable {
        private final int number;
        private final CountDownLatch gone = new CountDownLatch(1);
        private long begun;
        private @Nullable Throwable failure;
        private volatile long ended;
        private volatile boolean isWanted = true;

        /** The regions of this number, and of each that many threads further on. */
        Worker(int number) {
            this.number = number;
            this.begun = windows;
            this.ended = windows;
        }

        @Override
        public void run() {
            RegionThread thread = (RegionThread) Thread.currentThread();
            int spins = 0;
            while (isWanted) {
                if (windows == begun) {
                    pause(spins++);
                } else {
                    spins = 0;
                    runOne(thread);
                }
            }
            thread.region = null;
            gone.countDown();
        }

        private void runOne(RegionThread thread) {
            begun++;
            try {
                for (int i = number; i < regions.size(); i += threads) {
                    thread.region = regions.get(i);
                    regions.get(i).run(endNanos);
                }
            } catch (RuntimeException | Error thrown) {
                failure = thrown;
            }
            ended = begun;
        }

        void awaitEnd() {
            for (int spins = 0; ended != windows; spins++) {
                pause(spins);
            }
        }

        /** Returns when it has ended: another one may run its region next. */
        void dismiss() {
            isWanted = false;
            boolean isInterrupted = false;
            while (gone.getCount() > 0) {
                try {
                    gone.await();
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }

        void rethrow() {
            if (failure instanceof Error error) {
                throw error;
            } else if (failure instanceof RuntimeException exception) {
                throw exception;
            }
        }

        private static void pause(int spins) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(NAP_NANOS);
            }
        }
    }
}
