package io.p2pvpn.vpn.control;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A program that asks a control socket for the status, run by tests as another user. Needs no other class. */
final class StrangerClient {
    private StrangerClient() {}

    /** Prints "connected", and how many bytes came before the other side hung up. */
    public static void main(String[] socket) throws IOException {
        int bytes = 0;
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket[0]))) {
            System.out.print("connected, ");
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            channel.write(ByteBuffer.wrap(
                    "GET /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            for (int read = 0; read >= 0; read = channel.read(buffer.clear())) {
                bytes += read;
            }
        } catch (IOException reset) {
            System.out.print("reset, ");
        }
        System.out.print(bytes > 0 ? "answered" : "nothing");
    }
}
