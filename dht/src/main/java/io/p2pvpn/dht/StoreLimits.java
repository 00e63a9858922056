package io.p2pvpn.dht;

/** How much a replica keeps for others. */
record StoreLimits(int recordsMax, long bytesMax, int perOwnerMax, int plainPerKeyMax, int claimsPerKeyMax) {
    static final StoreLimits DEFAULT = new StoreLimits(
            DhtLimits.RECORDS_MAX,
            DhtLimits.STORE_BYTES_MAX,
            DhtLimits.RECORDS_PER_OWNER_MAX,
            DhtLimits.PLAIN_PER_KEY_MAX,
            DhtLimits.CLAIMS_PER_KEY_MAX);
}
