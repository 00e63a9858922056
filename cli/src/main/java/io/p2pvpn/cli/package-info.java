/**
 * The {@code p2pvpn} command: parsing and checking with picocli, talking to a daemon, showing what it says.
 *
 * <p>Exit codes: 0 done, 1 it failed, 2 wrong usage, 3 no daemon here, 4 not permitted, 5 timed out or could not be
 * established, 6 waiting for approval. Results go to standard output, everything else to standard error, a failure as
 * one line that says what to do.
 *
 * <p>Thread rule: commands run on the main thread. Only {@code join}, {@code bootstrap}, {@code demo} and
 * {@code simulate} may load network or cryptography classes: the others have to start fast.
 */
@NullMarked
package io.p2pvpn.cli;

import org.jspecify.annotations.NullMarked;
