package io.p2pvpn.cli.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Measures one TCP stream: {@code receive ADDRESS PORT} takes one connection and prints how fast its bytes came in,
 * {@code send ADDRESS PORT SECONDS} sends as fast as it can.
 */
public final class TcpMeter {
    static final String RECEIVE = "receive";
    static final String SEND = "send";
    static final String READY = "ready";
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double BITS_PER_MEGABIT = 1e6;

    private TcpMeter() {}

    /** Runs one side; a failure is one line on standard output and exit code 1. */
    public static void main(String[] arguments) {
        InetSocketAddress address = new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2]));
        try {
            if (arguments[0].equals(RECEIVE)) {
                System.out.println(receive(address));
            } else {
                send(address, Double.parseDouble(arguments[3]));
            }
        } catch (IOException failure) {
            System.out.println(address.getHostString() + ": " + failure.getMessage());
            System.exit(1);
        }
    }

    /** Megabits per second from the first byte to the last. */
    private static double receive(InetSocketAddress address) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(address)) {
            System.out.println(READY);
            try (SocketChannel stream = listener.accept()) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
                long bytes = stream.read(buffer);
                long startNanos = System.nanoTime();
                long first = bytes;
                for (int length = 0; length >= 0; length = stream.read(buffer.clear())) {
                    bytes += length;
                }
                double seconds = (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
                return (bytes - first) * Byte.SIZE / BITS_PER_MEGABIT / seconds;
            }
        }
    }

    private static void send(InetSocketAddress address, double seconds) throws IOException {
        try (SocketChannel stream = SocketChannel.open(address)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            long startNanos = System.nanoTime();
            while (System.nanoTime() - startNanos < seconds * NANOS_PER_SECOND) {
                stream.write(buffer.clear());
            }
        }
    }
}
