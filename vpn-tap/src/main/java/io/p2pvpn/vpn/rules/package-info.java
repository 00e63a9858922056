/**
 * The access rules of a namespace, and what a node does by them: which packets of other members reach its host.
 *
 * <p>A {@link io.p2pvpn.vpn.rules.RuleSet} is text that people write: the first rule that matches names of both ends,
 * their roles, protocol and destination port decides, else the default. {@link io.p2pvpn.vpn.rules.MemberRules} is what
 * it comes to between two members. Enforcement is stateful, and the receiver's:
 *
 * <pre>
 *   from our host: Outbound -- FlowFilter.onSent: a flow that we begin is noted --&gt; FlowTable
 *   from a member: Inbound  -- FlowFilter.admits: of a flow that is let in already? else by MemberRules
 * </pre>
 *
 * <p>Thread rule: rules are immutable; a {@link io.p2pvpn.vpn.rules.FlowTable} and the {@link
 * io.p2pvpn.vpn.rules.MemberGate}s of a namespace are shared by all threads of its data path; each of these has a
 * {@link io.p2pvpn.vpn.rules.FlowFilter} of its own. Nothing does I/O or reads a clock. Packets of flows that are known
 * allocate nothing and take no lock.
 */
@NullMarked
package io.p2pvpn.vpn.rules;

import org.jspecify.annotations.NullMarked;
