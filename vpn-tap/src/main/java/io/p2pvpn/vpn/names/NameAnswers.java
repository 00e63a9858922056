package io.p2pvpn.vpn.names;

import io.p2pvpn.vpn.names.NameZone.Meaning;
import io.p2pvpn.vpn.names.Reply.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Answers questions about a namespace's names from what its members have claimed and published. It answers for its own
 * zones only, and asks nobody else (RFC 1034 section 4.3.1, no recursion). Confined to the node's loop.
 */
public final class NameAnswers {
    /** How long an answer may be remembered: a member that leaves gives its name up. */
    static final int TTL_SECONDS = 30;
    /** How long it may be remembered that there is none: members come. */
    static final int NEGATIVE_TTL_SECONDS = 3;
    /** Instances of a service in one answer. */
    static final int INSTANCES_MAX = 64;

    private final NameZone zone;
    private final NameSource source;

    /** Answers for that zone, out of that source. */
    public NameAnswers(NameZone zone, NameSource source) {
        this.zone = zone;
        this.source = source;
    }

    /**
     * The answer to a question of class IN.
     *
     * @param name as it was asked, with or without a final dot
     * @param type of the records wanted, such as {@link ResourceRecord#A}
     * @return completes on the loop, with {@link Code#SERVER_FAILURE} if too few members answer
     */
    public CompletableFuture<Reply> answer(String name, int type) {
        String asked = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        Meaning meaning = zone.meaning(asked);
        CompletableFuture<Reply> reply;
        if (meaning instanceof Meaning.Elsewhere) {
            return CompletableFuture.completedFuture(Reply.of(Code.REFUSED));
        } else if (meaning instanceof Meaning.Host host) {
            reply = source.address(host.hostName())
                    .thenApply(found -> found.map(ipv4 -> positive(asked, addresses(asked, type, ipv4)))
                            .orElseGet(() -> nothing(asked)));
        } else if (meaning instanceof Meaning.Address address) {
            reply = source.hostName(address.ipv4()).thenApply(found -> pointer(asked, type, found));
        } else if (meaning instanceof Meaning.Service service) {
            reply = source.services(service.type()).thenApply(found -> list(asked, type, found));
        } else if (meaning instanceof Meaning.Instance instance) {
            reply = source.services(instance.type()).thenApply(found -> instance(asked, type, instance, found));
        } else {
            boolean isBranch = meaning instanceof Meaning.Branch;
            reply = CompletableFuture.completedFuture(isBranch ? branch(asked, type) : nothing(asked));
        }
        Function<Throwable, Reply> failed = failure -> Reply.of(Code.SERVER_FAILURE);
        return reply.exceptionally(failed);
    }

    private static boolean wants(int wanted, int offered) {
        return wanted == offered || wanted == ResourceRecord.ANY;
    }

    private List<ResourceRecord> addresses(String name, int type, int ipv4) {
        List<ResourceRecord> records = new ArrayList<>();
        if (wants(type, ResourceRecord.A)) {
            records.add(ResourceRecord.a(name, TTL_SECONDS, ipv4));
        }
        if (wants(type, ResourceRecord.AAAA)) {
            records.add(ResourceRecord.aaaa(name, TTL_SECONDS, zone.ulaHigh(), ipv4 & 0xffff_ffffL));
        }
        return records;
    }

    private Reply pointer(String asked, int type, Optional<String> hostName) {
        if (hostName.isEmpty()) {
            return nothing(asked);
        }
        return positive(
                asked,
                wants(type, ResourceRecord.PTR)
                        ? List.of(ResourceRecord.ptr(asked, TTL_SECONDS, zone.fullName(hostName.get())))
                        : List.of());
    }

    private Reply list(String asked, int type, List<ServiceInstance> found) {
        List<ResourceRecord> answers = new ArrayList<>();
        if (wants(type, ResourceRecord.PTR)) {
            found.stream()
                    .limit(INSTANCES_MAX)
                    .forEach(each -> answers.add(ResourceRecord.ptr(asked, TTL_SECONDS, instanceName(each))));
        }
        return positive(asked, answers);
    }

    private String instanceName(ServiceInstance instance) {
        return instance.hostName() + "." + instance.type().labels() + "." + zone.domain();
    }

    private Reply instance(String asked, int type, Meaning.Instance wanted, List<ServiceInstance> found) {
        for (ServiceInstance each : found) {
            if (each.hostName().equalsIgnoreCase(wanted.hostName())) {
                List<ResourceRecord> answers = new ArrayList<>();
                if (wants(type, ResourceRecord.SRV)) {
                    answers.add(ResourceRecord.srv(asked, TTL_SECONDS, each.port(), zone.fullName(each.hostName())));
                }
                if (wants(type, ResourceRecord.TXT)) {
                    answers.add(ResourceRecord.emptyText(asked, TTL_SECONDS));
                }
                return positive(asked, answers);
            }
        }
        return nothing(asked);
    }

    private Reply branch(String asked, int type) {
        String of = zone.zoneOf(asked);
        return wants(type, ResourceRecord.SOA) && of.equalsIgnoreCase(asked)
                ? positive(asked, List.of(ResourceRecord.soa(of, NEGATIVE_TTL_SECONDS)))
                : positive(asked, List.of());
    }

    /** The name is there; without answers, there is nothing of that type. */
    private Reply positive(String asked, List<ResourceRecord> answers) {
        return answers.isEmpty() ? new Reply(Code.OK, List.of(), soa(asked)) : new Reply(Code.OK, answers, List.of());
    }

    private Reply nothing(String asked) {
        return new Reply(Code.NO_SUCH_NAME, List.of(), soa(asked));
    }

    private List<ResourceRecord> soa(String asked) {
        return List.of(ResourceRecord.soa(zone.zoneOf(asked), NEGATIVE_TTL_SECONDS));
    }
}
