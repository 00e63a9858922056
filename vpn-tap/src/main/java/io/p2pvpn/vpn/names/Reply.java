package io.p2pvpn.vpn.names;

import java.util.List;

/**
 * What a question is answered with.
 *
 * @param code why there is nothing, or {@link Code#OK}
 * @param answers records that answer it
 * @param authority the zone's SOA record where there is nothing: how long that may be remembered (RFC 2308)
 */
public record Reply(Code code, List<ResourceRecord> answers, List<ResourceRecord> authority) {
    /** RFC 1035 section 4.1.1. */
    public enum Code {
        OK(0),
        FORMAT_ERROR(1),
        SERVER_FAILURE(2),
        NO_SUCH_NAME(3),
        NOT_IMPLEMENTED(4),
        REFUSED(5);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        /** The number in messages. */
        public int number() {
            return number;
        }
    }

    static Reply of(Code code) {
        return new Reply(code, List.of(), List.of());
    }
}
