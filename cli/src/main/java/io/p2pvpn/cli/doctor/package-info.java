/**
 * {@code p2pvpn doctor}: looks at this host, without touching it, for what would stop a node from working, and says
 * how to mend it. What the network in front of the host does is {@code p2pvpn netcheck}'s matter.
 *
 * <p>Thread rule: one thread.
 */
@NullMarked
package io.p2pvpn.cli.doctor;

import org.jspecify.annotations.NullMarked;
