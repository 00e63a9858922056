package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A home router that speaks what it is told to, and the way to it. */
final class FakeRouter implements GatewayAccess {
    static final InetAddress INSIDE = Ipv4Text.address(new byte[] {(byte) 192, (byte) 168, 1, 1});
    static final InetAddress OWN = Ipv4Text.address(new byte[] {(byte) 192, (byte) 168, 1, 20});

    private final VirtualRuntime runtime;
    /** "udp 4001" to the external port. */
    final Map<String, Integer> mapped = new TreeMap<>();

    final List<String> calls = new ArrayList<>();

    @Nullable
    Gateway gateway = new Gateway(INSIDE, OWN);

    byte[] external = {45, 67, (byte) 113, 18};
    boolean pcp;
    boolean natPmp;
    boolean upnp;
    boolean permanentOnly;
    boolean version2;
    int result;
    int externalPortShift;
    int portTaken;
    int lost;
    Endpoint from = Endpoint.of(Endpoint.Kind.UDP, INSIDE, 5351);
    UnaryOperator<byte[]> spoil = bytes -> bytes;
    int httpPort = 5000;
    String locationHost = "192.168.1.1";
    String controlUrl = "/ctl";
    private long startedNanos;

    FakeRouter(VirtualRuntime runtime) {
        this.runtime = runtime;
        this.startedNanos = runtime.nanoTime() - 1_000_000_000_000L;
    }

    void restart() {
        startedNanos = runtime.nanoTime();
        mapped.clear();
    }

    private int epoch() {
        return (int) ((runtime.nanoTime() - startedNanos) / 1_000_000_000L);
    }

    @Override
    public CompletableFuture<@Nullable Gateway> defaultGateway(List<String> excludedDevices) {
        return CompletableFuture.completedFuture(gateway);
    }

    @Override
    public CompletableFuture<DatagramSocket> open(Gateway towards, DatagramReceiver receiver) {
        return CompletableFuture.completedFuture(new DatagramSocket() {
            private boolean closed;

            @Override
            public void send(Endpoint to, byte[] datagram) {
                byte[] answer = lost-- > 0 ? null : answer(to, datagram);
                if (answer != null) {
                    Endpoint sender = to.port() == 1900 ? Endpoint.of(Endpoint.Kind.UDP, INSIDE, 1900) : from;
                    runtime.schedule(1_000_000, () -> {
                        if (!closed) {
                            receiver.onDatagram(sender, spoil.apply(answer));
                        }
                    });
                }
            }

            @Override
            public void close() {
                closed = true;
            }
        });
    }

    private byte @Nullable [] answer(Endpoint to, byte[] request) {
        if (to.port() == 1900) {
            String text = "HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: "
                    + "http://" + locationHost + ":" + httpPort + "/root.xml" + "\r\n\r\n";
            return upnp ? text.getBytes(StandardCharsets.US_ASCII) : null;
        }
        ByteBuffer asked = ByteBuffer.wrap(request);
        if (request[0] == 2) {
            calls.add("pcp " + request[1] + " " + asked.getInt(4));
            if (pcp) {
                return answerPcp(request, asked);
            }
            return natPmp ? new byte[] {0, (byte) (0x80 | request[1]), 0, 1, 0, 0, 0, 9} : null;
        }
        calls.add("nat-pmp " + request[1]);
        return natPmp ? answerNatPmp(asked) : null;
    }

    private byte[] answerPcp(byte[] request, ByteBuffer asked) {
        byte[] answer = request.clone();
        ByteBuffer reply = ByteBuffer.wrap(answer);
        answer[1] |= (byte) 0x80;
        answer[3] = (byte) result;
        reply.putInt(8, epoch());
        if (request[1] == 1 && result == 0) {
            String name = (request[36] == 17 ? "udp " : "tcp ") + (asked.getShort(40) & 0xFFFF);
            int port = map(name, asked.getShort(42) & 0xFFFF, asked.getInt(4));
            reply.putShort(42, (short) port);
            reply.position(56);
            reply.put(external);
        }
        return answer;
    }

    private byte[] answerNatPmp(ByteBuffer asked) {
        int opcode = asked.get(1);
        ByteBuffer reply = ByteBuffer.wrap(new byte[opcode == 0 ? 12 : 16])
                .put((byte) 0)
                .put((byte) (0x80 | opcode))
                .putShort((short) result)
                .putInt(epoch());
        if (opcode == 0) {
            reply.put(external);
        } else {
            String name = (opcode == 1 ? "udp " : "tcp ") + (asked.getShort(4) & 0xFFFF);
            int port = map(name, asked.getShort(6) & 0xFFFF, asked.getInt(8));
            reply.putShort(asked.getShort(4)).putShort((short) port).putInt(asked.getInt(8));
        }
        return reply.array();
    }

    private int map(String name, int suggested, int lifetime) {
        if (lifetime == 0) {
            mapped.remove(name);
            return 0;
        }
        return mapped.computeIfAbsent(name, unused -> suggested + externalPortShift);
    }

    @Override
    public CompletableFuture<byte[]> exchange(
            Gateway towards, Endpoint to, byte[] request, int bytesMax, Predicate<byte[]> isWhole, long nanosMax) {
        String text = new String(request, StandardCharsets.US_ASCII);
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        String reply = text.startsWith("GET /root.xml ")
                ? ok(description())
                : text.startsWith("POST /ctl ") ? soap(text) : "HTTP/1.1 404 no\r\n\r\n";
        runtime.schedule(1_000_000, () -> {
            byte[] bytes = spoil.apply(reply.getBytes(StandardCharsets.US_ASCII));
            if (upnp && to.port() == httpPort) {
                answer.complete(bytes);
            } else {
                answer.completeExceptionally(new IOException("refused"));
            }
        });
        return answer;
    }

    private String description() {
        return "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device><serviceList><service>"
                + "<serviceType>urn:schemas-upnp-org:service:WANIPConnection:" + (version2 ? 2 : 1)
                + "</serviceType><controlURL>" + controlUrl + "</controlURL></service></serviceList></device></root>";
    }

    private String soap(String request) {
        String action = between(request, "#", "\"");
        String name = between(request, "<NewProtocol>", "<").toLowerCase(Locale.ROOT) + " ";
        calls.add(action);
        return switch (action) {
            case "GetExternalIPAddress" ->
                ok("<r><NewExternalIPAddress>" + Ipv4Text.address(external).getHostAddress()
                        + "</NewExternalIPAddress></r>");
            case "AddAnyPortMapping" -> {
                mapped.put(name + between(request, "<NewInternalPort>", "<"), 7777);
                yield ok("<r><NewReservedPort>7777</NewReservedPort></r>");
            }
            case "AddPortMapping" -> add(request, name);
            case "GetSpecificPortMappingEntry" ->
                mapped.containsValue(externalPort(request))
                        ? ok("<r><NewInternalClient>" + OWN.getHostAddress() + "</NewInternalClient></r>")
                        : error(714);
            default -> {
                mapped.values().remove(externalPort(request));
                yield ok("<r/>");
            }
        };
    }

    private String add(String request, String name) {
        if (permanentOnly && !between(request, "<NewLeaseDuration>", "<").equals("0")) {
            return error(725);
        }
        int port = externalPort(request);
        if (result != 0 || port == portTaken) {
            return error(result != 0 ? result : 718);
        }
        mapped.put(name + between(request, "<NewInternalPort>", "<"), port);
        return ok("<r/>");
    }

    private static Integer externalPort(String request) {
        return Integer.valueOf(between(request, "<NewExternalPort>", "<"));
    }

    private static String between(String text, String before, String after) {
        int start = text.indexOf(before);
        return start < 0 ? "" : text.substring(start + before.length()).split(after, 2)[0];
    }

    private static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String error(int code) {
        return "HTTP/1.1 500 Internal Server Error\r\n\r\n<e><errorCode>" + code + "</errorCode></e>";
    }
}
