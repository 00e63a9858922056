/**
 * The distributed hash table: signed records with a limited life, kept by eight members of a ring at evenly spread
 * positions.
 *
 * <p>A record of a key lives at the positions {@code key + i * 2^160 / 8}; each request goes to the member nearest to
 * a position, and five of eight positions decide. In a small ring several positions meet at one member, which stores
 * once and answers for each.
 *
 * <pre>
 *   Dht                    what callers use
 *    |-- GetRound          eight questions, one merged answer, holes repaired behind it
 *    |-- PutRound          eight stores, five acceptances
 *    |-- ClaimOperation    tentative claim, confirmation, re-reading
 *    |-- OwnRecords        renewal of what this node put
 *    |-- ReplicaServer     the calls of others: verify and merge (Intake), store (RecordStore)
 *    |-- HandOver          records for a neighbour that is new, or for all when we leave
 *    |-- ZoneFetch         records of positions that became ours, answered by FetchServer
 *    '-- ReplicaRefresh    replicas keep each other complete between renewals
 * </pre>
 *
 * <p><b>Time.</b> A record says when it was signed and how long it lives, and each replica counts down the rest by its
 * own monotonic clock, so that clocks that disagree neither shorten nor lengthen lives. The wall clock only bounds how
 * late a copy of an old record can be played again ({@link io.p2pvpn.dht.DhtLimits#CLOCK_SKEW_MILLIS_MAX}).
 *
 * <p><b>Claims.</b> A claim is taken in two steps: a tentative record, which a replica refuses while another owner's
 * claim lives there, and after five acceptances a confirmed one, which alone is seen by readers. Five of eight
 * positions cannot accept two owners; where a partition or churn lets two confirmed claims arise, they merge the same
 * way in any order, the smaller SHA-256(key || owner key) wins, and the loser is told at its next check.
 *
 * <p>Thread rule: everything here is confined to the node's loop, unless it says that it is immutable.
 */
@NullMarked
package io.p2pvpn.dht;

import org.jspecify.annotations.NullMarked;
