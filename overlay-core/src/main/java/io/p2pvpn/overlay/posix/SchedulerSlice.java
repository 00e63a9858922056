package io.p2pvpn.overlay.posix;

import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel's scheduler to let a thread run soon after it woke up, for a short time, instead of later for longer:
 * its share of the processor stays the same. Linux's fair scheduler takes the length of a thread's slice as such a wish
 * since 6.12 (EEVDF, {@code sched_attr.sched_runtime}; sched_setattr(2)); older ones take no notice.
 */
public final class SchedulerSlice {
    /** The shortest slice that the kernel grants. */
    public static final long NANOS_MIN = 100_000;

    private static final int SCHED_ATTR_BYTES = 56;
    private static final int SIZE_OFFSET = 0;
    private static final int POLICY_OFFSET = 4;
    private static final int RUNTIME_OFFSET = 24;
    private static final int SCHED_OTHER = 0;

    private static final boolean X86 = "amd64".equals(System.getProperty("os.arch"));
    private static final int SYS_SCHED_SETATTR = X86 ? 314 : 274;
    private static final int SYS_SCHED_GETATTR = X86 ? 315 : 275;

    private SchedulerSlice() {}

    /**
     * Asks for slices of that length for the calling thread.
     *
     * @param nanos 0.1 to 100 ms, else the kernel takes the nearest of these
     * @return false where the kernel does not know such a wish or refuses it, or the thread is not one of the fair
     *     scheduler's
     */
    public static boolean request(long nanos) {
        NativeBuffer attributes = read();
        if (attributes == null || attributes.getInt(POLICY_OFFSET) != SCHED_OTHER) {
            return false;
        }
        attributes.putInt(SIZE_OFFSET, SCHED_ATTR_BYTES);
        attributes.putLong(RUNTIME_OFFSET, nanos);
        try {
            return Posix.get().syscall(SYS_SCHED_SETATTR, 0, attributes.address(), 0, 0) == 0;
        } finally {
            Reference.reachabilityFence(attributes);
        }
    }

    /** The slice of the calling thread in nanoseconds; 0 where the kernel does not say. */
    static long current() {
        NativeBuffer attributes = read();
        return attributes == null ? 0 : attributes.getLong(RUNTIME_OFFSET);
    }

    private static @Nullable NativeBuffer read() {
        NativeBuffer attributes = NativeBuffer.allocate(SCHED_ATTR_BYTES);
        try {
            return Posix.get().syscall(SYS_SCHED_GETATTR, 0, attributes.address(), SCHED_ATTR_BYTES, 0) == 0
                    ? attributes
                    : null;
        } finally {
            Reference.reachabilityFence(attributes);
        }
    }
}
