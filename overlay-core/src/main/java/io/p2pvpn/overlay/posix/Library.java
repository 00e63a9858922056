package io.p2pvpn.overlay.posix;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/** Holds the one binding, so that it is made at first use. */
final class Library {
    static final Posix INSTANCE = LibraryLoader.create(Posix.class).load("c");
    static final Runtime RUNTIME = Runtime.getRuntime(INSTANCE);

    private Library() {}
}
