package io.p2pvpn.overlay.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SchedulerSliceTest {
    @Test
    void request_kernelWithSlices_changesTheCallingThreadOnly() throws Exception {
        long before = SchedulerSlice.current();
        assumeTrue(before > 0, "this kernel tells nothing of slices");
        CompletableFuture<Long> inThread = new CompletableFuture<>();

        Thread thread = new Thread(() -> {
            boolean granted = SchedulerSlice.request(SchedulerSlice.NANOS_MIN);
            inThread.complete(granted ? SchedulerSlice.current() : -1);
        });
        thread.start();
        thread.join();

        assertThat(inThread.get()).isEqualTo(SchedulerSlice.NANOS_MIN);
        assertThat(SchedulerSlice.current()).isEqualTo(before);
    }
}
