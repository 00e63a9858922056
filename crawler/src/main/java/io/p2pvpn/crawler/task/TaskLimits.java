package io.p2pvpn.crawler.task;

/** What an answer may claim. */
final class TaskLimits {
    /** Members that one answer, or what answers add up to, can be about: sums of them stay numbers. */
    static final int MEMBERS_MAX = 1 << 24;

    private TaskLimits() {}
}
