package io.p2pvpn.crawler.mapreduce;

/** The ways in which a task goes out. */
public enum Tree {
    /** To all members of an arc once: parts meet half way between the links. */
    SPLIT,
    /** To all members of the whole ring, once from each side: who is unknown to those before it is reached too. */
    BOTH,
    /** To the members that a message to a position passes, greedily. */
    PATH
}
