package io.p2pvpn.vpn.namespace;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.RecordPolicy;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.wire.proto.LeaseValue;
import io.p2pvpn.vpn.wire.proto.NameValue;

/**
 * Which records a namespace's DHT takes: those of members, and claims of addresses and names only from whom they can
 * belong to. Keys of such claims are even, so that a claim whose meaning cannot be told takes none of them.
 */
final class MemberRecords implements RecordPolicy {
    private final NamespaceTrust trust;

    MemberRecords(NamespaceTrust trust) {
        this.trust = trust;
    }

    @Override
    public boolean accepts(DhtRecord record) {
        return trust.entitles(record.credential(), record.owner())
                && (record.kind() != DhtRecord.Kind.CLAIM
                        || record.isTombstone()
                        || record.key().lowestBit()
                        || isLease(record)
                        || isName(record));
    }

    private boolean isLease(DhtRecord record) {
        try {
            LeaseValue lease = LeaseValue.parseFrom(record.value());
            Cidr prefix = trust.descriptor().prefix();
            return prefix.contains4(lease.getIpv4()) && record.key().equals(Directory.leaseKey(lease.getIpv4()));
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    private boolean isName(DhtRecord record) {
        try {
            String name = NameValue.parseFrom(record.value()).getHostName();
            MemberCredential owner = trust.descriptor().open() ? null : trust.parse(record.credential());
            return record.key().equals(Directory.nameKey(name))
                    && (owner == null || owner.member().name().equalsIgnoreCase(name));
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }
}
