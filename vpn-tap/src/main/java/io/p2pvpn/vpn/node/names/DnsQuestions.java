package io.p2pvpn.vpn.node.names;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.vpn.names.NameAnswers;
import io.p2pvpn.vpn.names.Reply;
import io.p2pvpn.vpn.names.ResourceRecord;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Between DNS messages and what they ask. Confined to the node's loop. */
final class DnsQuestions {
    /** Questions that wait for members' answers at a time; more are answered with a failure. */
    static final int OPEN_MAX = 256;

    /** What every resolver takes (RFC 1035 section 4.2.1). */
    private static final int DATAGRAM_BYTES = 512;
    /** What passes everywhere without being cut, and what we say that we take. */
    private static final int DATAGRAM_BYTES_MAX = 1232;

    private static final int HEADER_BYTES = 12;
    private static final int QUESTION_EXTRA_BYTES = 6;
    private static final int OPTION_BYTES = 11;

    private final NameAnswers answers;
    private final Counters counters;
    private int open;

    DnsQuestions(NameAnswers answers, Counters counters) {
        this.answers = answers;
        this.counters = counters;
    }

    /** The longest answer over UDP that whoever asks takes (RFC 6891 section 6.2.3). */
    static int datagramBytesMax(DnsQuery query) {
        DnsRecord option = option(query);
        return option == null
                ? DATAGRAM_BYTES
                : Math.max(DATAGRAM_BYTES, Math.min(DATAGRAM_BYTES_MAX, option.dnsClass()));
    }

    private static @Nullable DnsRecord option(DnsQuery query) {
        DnsRecord first = query.recordAt(DnsSection.ADDITIONAL);
        return first != null && first.type().equals(DnsRecordType.OPT) ? first : null;
    }

    /**
     * Answers a query.
     *
     * @param response to be filled in
     * @param bytesMax of the response; a longer one is sent without records, marked as cut off
     * @param send takes it, now or later
     */
    void answer(DnsQuery query, DnsResponse response, int bytesMax, Consumer<DnsResponse> send) {
        counters.counter("dns.queries").increment();
        response.setOpCode(query.opCode());
        response.setRecursionDesired(query.isRecursionDesired());
        DnsQuestion question = query.recordAt(DnsSection.QUESTION);
        boolean extended = option(query) != null;
        if (question != null) {
            response.addRecord(DnsSection.QUESTION, question);
        }
        if (!query.opCode().equals(DnsOpCode.QUERY)) {
            finish(response, Reply.Code.NOT_IMPLEMENTED, extended, send);
        } else if (question == null || query.count(DnsSection.QUESTION) != 1) {
            finish(response, Reply.Code.FORMAT_ERROR, extended, send);
        } else if (question.dnsClass() != DnsRecord.CLASS_IN) {
            finish(response, Reply.Code.REFUSED, extended, send);
        } else if (open >= OPEN_MAX) {
            counters.counter("dns.refused").increment();
            finish(response, Reply.Code.SERVER_FAILURE, extended, send);
        } else {
            open++;
            var unused = answers.answer(question.name(), question.type().intValue())
                    .whenComplete((reply, failure) -> {
                        open--;
                        if (failure != null) {
                            finish(response, Reply.Code.SERVER_FAILURE, extended, send);
                            return;
                        }
                        fill(response, question, reply, extended ? bytesMax - OPTION_BYTES : bytesMax);
                        finish(response, reply.code(), extended, send);
                    });
        }
    }

    private static void fill(DnsResponse response, DnsQuestion question, Reply reply, int bytesMax) {
        response.setAuthoritativeAnswer(reply.code() != Reply.Code.REFUSED);
        int bytes = HEADER_BYTES + question.name().length() + QUESTION_EXTRA_BYTES;
        bytes += bytes(reply.answers()) + bytes(reply.authority());
        if (bytes > bytesMax) {
            response.setTruncated(true);
            return;
        }
        reply.answers().forEach(each -> response.addRecord(DnsSection.ANSWER, record(each)));
        reply.authority().forEach(each -> response.addRecord(DnsSection.AUTHORITY, record(each)));
    }

    private static int bytes(List<ResourceRecord> records) {
        return records.stream().mapToInt(ResourceRecord::bytesMax).sum();
    }

    private static DnsRecord record(ResourceRecord record) {
        return new DefaultDnsRawRecord(
                record.name() + ".",
                DnsRecordType.valueOf(record.type()),
                record.ttlSeconds(),
                Unpooled.wrappedBuffer(record.data().toByteArray()));
    }

    private static void finish(DnsResponse response, Reply.Code code, boolean extended, Consumer<DnsResponse> send) {
        response.setCode(DnsResponseCode.valueOf(code.number()));
        if (extended) {
            response.addRecord(
                    DnsSection.ADDITIONAL,
                    new DefaultDnsRawRecord("", DnsRecordType.OPT, DATAGRAM_BYTES_MAX, 0, Unpooled.EMPTY_BUFFER));
        }
        send.accept(response);
    }
}
