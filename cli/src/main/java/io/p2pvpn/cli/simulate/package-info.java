/**
 * {@code p2pvpn simulate}: many real nodes under virtual time, in this process.
 *
 * <p>Thread rule: all of it runs on the main thread.
 */
@NullMarked
package io.p2pvpn.cli.simulate;

import org.jspecify.annotations.NullMarked;
