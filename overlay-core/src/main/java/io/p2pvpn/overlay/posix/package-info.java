/**
 * The few functions of the Linux C library that this project needs, without garbage: file descriptors, sockets in
 * batches, device control.
 *
 * <p>{@link io.p2pvpn.overlay.posix.Posix} names the functions, {@link io.p2pvpn.overlay.posix.NativeBuffer} is memory
 * whose address they may be given, {@link io.p2pvpn.overlay.posix.LinuxConstants} holds the numbers of the kernel's
 * headers (the same ones on x86_64 and aarch64).
 *
 * <p>Thread rule: functions may be called from any thread; {@link io.p2pvpn.overlay.posix.Posix#lastErrno} speaks of
 * the calling thread's last call; a buffer belongs to one thread.
 */
@NullMarked
package io.p2pvpn.overlay.posix;

import org.jspecify.annotations.NullMarked;
