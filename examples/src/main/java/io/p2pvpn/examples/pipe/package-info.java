/** Bytes from one member to another as quickly as they go: shows how streams are used, and measures them. */
@NullMarked
package io.p2pvpn.examples.pipe;

import org.jspecify.annotations.NullMarked;
