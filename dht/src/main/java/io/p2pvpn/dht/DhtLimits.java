package io.p2pvpn.dht;

/** The numbers of the DHT: what the protocol fixes, and what a node lends to others. */
public final class DhtLimits {
    /** Positions that hold a record. */
    public static final int REPLICAS = 8;

    /** Positions that decide. */
    public static final int MAJORITY = REPLICAS / 2 + 1;

    /** The version of records that this node writes and reads. */
    public static final int RECORD_VERSION = 1;

    /** The most bytes of a record's value. */
    public static final int VALUE_BYTES_MAX = 1024;

    /** The most bytes of a record's credential. */
    public static final int CREDENTIAL_BYTES_MAX = 1536;

    /** The shortest life of a record: renewal at half of it must be possible. */
    public static final int TTL_SECONDS_MIN = 10;

    /** The longest life of a record. */
    public static final int TTL_SECONDS_MAX = 24 * 3600;

    /** The life of a tentative claim: enough for the rounds that confirm it, short when its claimant crashed. */
    public static final int TENTATIVE_TTL_SECONDS = 60;

    /** How far apart two members' wall clocks may be. */
    public static final long CLOCK_SKEW_MILLIS_MAX = 2 * 3600 * 1000L;

    /** Records that a node keeps and renews for itself. */
    public static final int OWN_RECORDS_MAX = 256;

    /** Records of one owner at one replica. */
    public static final int RECORDS_PER_OWNER_MAX = 64;

    /** Plain records of one key at one replica. */
    public static final int PLAIN_PER_KEY_MAX = 32;

    /** Claims of one key at one replica: the living one and the tombstones. */
    public static final int CLAIMS_PER_KEY_MAX = 8;

    /** Records at one replica. */
    public static final int RECORDS_MAX = 65_536;

    /** Bytes of records at one replica. */
    public static final long STORE_BYTES_MAX = 64L << 20;

    /** Living records in one answer; of more, a random sample. */
    public static final int ANSWER_RECORDS_MAX = 8;

    /** Bytes of records in one answer, at least one record. */
    public static final int ANSWER_BYTES_MAX = 12 * 1024;

    /** Bytes of records in one hand-over call, at least one record. */
    public static final int HAND_OVER_BYTES_MAX = 8 * 1024;

    /** Background calls (hand-over, repair, refresh) in flight. */
    public static final int BACKGROUND_CALLS_MAX = 8;

    /** Background calls that wait; more are left to the next round. */
    public static final int BACKGROUND_QUEUE_MAX = 1024;

    /** Calls that one look-up may spend on repairing what it found missing. */
    public static final int REPAIRS_PER_GET_MAX = 16;

    /** Bytes of a look-up's nonce. */
    public static final int NONCE_BYTES = 16;

    /** Bytes of a record's signed content: the values' limits and room for fields to come. */
    static final int CONTENT_BYTES_MAX = VALUE_BYTES_MAX + CREDENTIAL_BYTES_MAX + 512;

    /** Records whose signatures were checked and need not be again. */
    static final int VERIFIED_CACHE_MAX = 256;

    /**
     * What a copy that is sent on loses of its life. More than a call can take with its retries, so that copies handed
     * to and fro die of it instead of living for ever.
     */
    static final long TRANSFER_MILLIS = 10_000;

    /** How often a node looks for what is due. */
    static final long TICK_MILLIS = 2_000;

    /** A replica offers a record to the other positions this long after it last heard of it, at least. */
    static final long REFRESH_MILLIS_MIN = 90_000;

    /** The same, at most; the spread lets one of the eight be first and the others stay silent. */
    static final long REFRESH_MILLIS_MAX = 180_000;

    /** While the ring does not become another, these times double so often: up to 360 to 720 s. */
    static final int REFRESH_DOUBLINGS_MAX = 2;

    /** Records refreshed in one tick. */
    static final int REFRESHES_PER_TICK_MAX = 32;

    /** A failed renewal is tried again after this. */
    static final long RENEWAL_RETRY_MILLIS = 30_000;

    /**
     * Holders put their claims again after this, which shows them a claim that beat theirs in a merge; while the ring
     * does not become another, after pauses that double ...
     */
    static final long CLAIM_CHECK_MILLIS = 120_000;

    /** ... up to this. */
    static final long CLAIM_CHECK_MILLIS_MAX = 480_000;

    /** Positions that did not take a record of ours, which a majority took, are offered it again after this. */
    static final long MEND_MILLIS = 10_000;

    /** After the ring became another, own records are put again after this, at least. */
    static final long REPUT_MILLIS_MIN = 200;

    /** The same, at most. */
    static final long REPUT_MILLIS_MAX = 1_000;

    /** Own records are put again for that reason at most once in this time. */
    static final long REPUT_PAUSE_MILLIS = 10_000;

    /** How many of the seven other replicas of its records a node hears about positions that became its own. */
    static final int FETCH_SOURCES = 2;

    /** Records read of one answer to that. */
    static final int FETCH_RECORDS_MAX = 128;

    /** Arcs that are being asked about; more drop the eldest. */
    static final int FETCHES_MAX = 16;

    /** The asking begins this long after neighbours changed: a join changes several in a row. */
    static final long FETCH_DELAY_MILLIS = 50;

    /** A newcomer signs no absence before this: two that joined at one moment may not know of each other yet. */
    static final long SETTLE_MILLIS_MIN = 2_000;

    /** After this a node speaks for positions that became its own, even if nobody could be asked. */
    static final long SETTLE_MILLIS_MAX = 10_000;

    /** Neighbour changes are gathered for this long before records are handed over. */
    static final long HAND_OVER_DELAY_MILLIS = 100;

    /** A hand-over that was not taken is tried again so often. */
    static final int HAND_OVER_TRIES = 3;

    /** Pause before that. */
    static final long HAND_OVER_PAUSE_MILLIS = 1_000;

    /** How often a look-up asks the positions that did not answer. */
    static final int GET_ROUNDS = 3;

    /** How often a put is offered to the positions that did not answer, until a majority took it. */
    static final int PUT_ROUNDS = 2;

    /** Pause before positions that did not answer are asked again. */
    static final long AGAIN_MILLIS = 300;

    /** A look-up that found nothing at five positions waits this long for the other three. */
    static final long ABSENT_GRACE_MILLIS = 500;

    /** Rounds in which a claimant tries to gather a majority. */
    static final int CLAIM_ROUNDS_MAX = 8;

    /** Pause between those rounds, at least. */
    static final long CLAIM_PAUSE_MILLIS_MIN = 200;

    /** Pause between those rounds, at most. */
    static final long CLAIM_PAUSE_MILLIS_MAX = 600;

    private DhtLimits() {}
}
