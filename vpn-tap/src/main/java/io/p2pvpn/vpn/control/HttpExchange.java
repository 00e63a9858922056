package io.p2pvpn.vpn.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One HTTP/1.1 request over a Unix domain socket with {@code Connection: close}, within a deadline. */
final class HttpExchange {
    private static final int ANSWER_BYTES_MAX = 16 * 1024 * 1024;
    private static final int CHUNK_BYTES = 16 * 1024;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})[ \\r]");
    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?i)\\r\\ncontent-length: *([0-9]{1,9}) *\\r\\n");

    /**
     * An answer.
     *
     * @param status HTTP status code
     * @param body as much as was announced
     */
    record Response(int status, String body) {}

    /** Nobody accepted the connection. */
    static final class NotConnectedException extends IOException {
        NotConnectedException(IOException cause) {
            super(cause);
        }
    }

    /** The daemon closed the connection without a whole answer. */
    static final class HungUpException extends IOException {
        HungUpException(String message) {
            super(message);
        }
    }

    /** The deadline has passed. */
    static final class DeadlineException extends IOException {}

    private final SocketChannel channel;
    private final Selector selector;
    private final long deadlineNanos;

    private HttpExchange(SocketChannel channel, Selector selector, Duration timeout) {
        this.channel = channel;
        this.selector = selector;
        this.deadlineNanos = System.nanoTime() + timeout.toNanos();
    }

    /** Sends the request and returns the whole answer. */
    static Response run(Path socket, String method, String path, byte[] body, Duration timeout) throws IOException {
        try (SocketChannel channel = connect(socket);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            HttpExchange exchange = new HttpExchange(channel, selector, timeout);
            exchange.send(head(method, path, body.length), body);
            return parse(exchange.receive());
        }
    }

    private static SocketChannel connect(Path socket) throws IOException {
        try {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
            } catch (IOException refused) {
                channel.close();
                throw refused;
            }
            return channel;
        } catch (IOException refused) {
            throw new NotConnectedException(refused);
        }
    }

    private static byte[] head(String method, String path, int bodyLength) {
        String head = method + " " + path + " HTTP/1.1\r\nHost: p2pvpn\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + bodyLength + "\r\n\r\n";
        return head.getBytes(StandardCharsets.US_ASCII);
    }

    private void send(byte[] head, byte[] body) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(head.length + body.length);
        request.put(head).put(body).flip();
        while (request.hasRemaining()) {
            if (channel.write(request) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
    }

    private byte[] receive() throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        while (true) {
            int length = channel.read(chunk.clear());
            if (length < 0) {
                return answer.toByteArray();
            }
            if (length == 0) {
                await(SelectionKey.OP_READ);
            } else if (answer.size() + length > ANSWER_BYTES_MAX) {
                throw new IOException("the answer is longer than " + ANSWER_BYTES_MAX + " bytes");
            } else {
                answer.write(chunk.array(), 0, length);
            }
        }
    }

    private void await(int operation) throws IOException {
        channel.register(selector, operation);
        long leftMillis = (deadlineNanos - System.nanoTime()) / NANOS_PER_MILLI;
        if (leftMillis <= 0 || selector.select(leftMillis) == 0) {
            if (deadlineNanos - System.nanoTime() < NANOS_PER_MILLI) {
                throw new DeadlineException();
            }
        }
        selector.selectedKeys().clear();
    }

    private static Response parse(byte[] answer) throws IOException {
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        int headEnd = text.indexOf("\r\n\r\n");
        Matcher status = STATUS_LINE.matcher(text);
        if (headEnd < 0 || !status.lookingAt()) {
            throw new HungUpException("no complete answer");
        }
        Matcher length = CONTENT_LENGTH.matcher(text).region(0, headEnd + 2);
        int bodyStart = headEnd + 4;
        int bodyLength = length.find() ? Integer.parseInt(length.group(1)) : answer.length - bodyStart;
        if (answer.length - bodyStart < bodyLength) {
            throw new HungUpException("the answer was cut short");
        }
        return new Response(
                Integer.parseInt(status.group(1)), new String(answer, bodyStart, bodyLength, StandardCharsets.UTF_8));
    }
}
