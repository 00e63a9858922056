package io.p2pvpn.overlay.posix;

import jnr.ffi.LastError;

/**
 * The C library, bound at run time. Each method is the function of the same name (Linux man pages, section 2).
 *
 * <p>Every pointer is a {@code long} address, normally {@link NativeBuffer#address()}, so that a call makes no object.
 * The caller keeps the buffer reachable from a field for as long as the kernel may use the address: a local variable is
 * not enough once compiled code no longer reads it.
 *
 * <p>Functions return -1 on failure; {@link #lastErrno} then tells why, until the thread's next call. Thread-safe.
 */
public interface Posix {
    /** The library, loaded at first use. 64-bit Linux only. */
    static Posix get() {
        return Library.INSTANCE;
    }

    /** The error number of this thread's last failed call. */
    static int lastErrno() {
        return LastError.getLastError(Library.RUNTIME);
    }

    /** Opens a file; the path is encoded as UTF-8. */
    int open(CharSequence path, int flags);

    /** Closes a descriptor. */
    int close(int fd);

    /** Reads up to {@code length} bytes to {@code address}; the number read, 0 at the end. */
    long read(int fd, long address, long length);

    /** Writes up to {@code length} bytes from {@code address}; the number written. */
    long write(int fd, long address, long length);

    /** Device control with a pointer, or a number, as argument. */
    int ioctl(int fd, long request, long argument);

    /** Descriptor control with a number as argument. */
    int fcntl(int fd, int command, long argument);

    /** Makes a socket. */
    int socket(int domain, int type, int protocol);

    /** Gives a socket its own address. */
    int bind(int fd, long sockaddr, int sockaddrLength);

    /** Gives a socket its peer's address. */
    int connect(int fd, long sockaddr, int sockaddrLength);

    /** Sets a socket option from {@code length} bytes at {@code value}. */
    int setsockopt(int fd, int level, int option, long value, int length);

    /** Reads a socket option to {@code value}; {@code lengthAddress} points to an int: room before, size after. */
    int getsockopt(int fd, int level, int option, long value, long lengthAddress);

    /** Reads a socket's own address; {@code lengthAddress} points to an int: room before, size after. */
    int getsockname(int fd, long sockaddr, long lengthAddress);

    /** Sends one message described by a {@code struct msghdr}. */
    long sendmsg(int fd, long msghdr, int flags);

    /** Sends {@code count} messages described by {@code struct mmsghdr}s; how many were sent, when at least one. */
    int sendmmsg(int fd, long mmsghdrs, int count, int flags);

    /** Receives up to {@code count} messages; {@code timeout} is the address of a timespec, or 0. */
    int recvmmsg(int fd, long mmsghdrs, int count, int flags, long timeout);

    /** Receives one message. */
    long recv(int fd, long address, long length, int flags);

    /** The system call of that number, for those that the library has no function for. */
    long syscall(long number, long first, long second, long third, long fourth);

    /** The index of the device of that name, or 0. */
    int if_nametoindex(CharSequence name);

    /** The text of an error number, in the C locale. */
    String strerror(int errno);
}
