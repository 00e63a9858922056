/**
 * What a person or a config file writes, made into checked values: addresses, prefixes, bootstraps, listening
 * endpoints, names. Nothing here resolves a name or opens anything.
 *
 * <p>A text that cannot be right throws {@link java.lang.IllegalArgumentException} with a one-line message that says
 * what is wrong with it and what it should look like.
 *
 * <p>Thread rule: everything is immutable.
 */
@NullMarked
package io.p2pvpn.vpn.option;

import org.jspecify.annotations.NullMarked;
