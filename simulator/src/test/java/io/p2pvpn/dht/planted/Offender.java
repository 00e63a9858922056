package io.p2pvpn.dht.planted;

import io.p2pvpn.nat.planted.Neighbour;
import io.p2pvpn.overlay.noise.SessionCrypto;
import io.p2pvpn.overlay.session.SessionConfig;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Each method does one thing that protocol code must not do, so that the architecture rules are seen to notice it. */
final class Offender {
    private Offender() {}

    static void importSideways() {
        Neighbour.greet();
    }

    static SessionConfig chooseCrypto(SessionCrypto crypto) {
        return SessionConfig.DEFAULT.withCrypto(crypto);
    }

    static long readClock() {
        return System.nanoTime() + System.currentTimeMillis();
    }

    static Clock takeSystemClock() {
        return Clock.systemUTC();
    }

    static Instant takeInstant() {
        return Instant.now();
    }

    static int drawRandom() {
        return new Random(1).nextInt();
    }

    static int drawThreadLocal() {
        return ThreadLocalRandom.current().nextInt();
    }

    static SecureRandom drawSecure() {
        return new SecureRandom();
    }

    static double drawMath() {
        return Math.random();
    }

    static UUID drawUuid() {
        return UUID.randomUUID();
    }

    static void shuffle(List<String> list) {
        Collections.shuffle(list);
    }

    static Thread startThread() {
        return new Thread(() -> {});
    }

    static ExecutorService makePool() {
        return Executors.newSingleThreadExecutor();
    }

    static CompletableFuture<String> useCommonPool() {
        return CompletableFuture.supplyAsync(() -> "");
    }

    static DatagramSocket openSocket() throws SocketException {
        return new DatagramSocket();
    }

    static boolean openChannel(java.nio.channels.Channel channel) {
        return channel.isOpen();
    }

    static boolean useNettyChannel(io.netty.channel.Channel channel) {
        return channel.isOpen();
    }

    static Map<String, String> makeHashMap() {
        return new HashMap<>();
    }

    static Supplier<Map<String, String>> referToHashMap() {
        return HashMap::new;
    }

    static List<String> walkHashSet(List<String> list) {
        return new ArrayList<>(new HashSet<>(list));
    }

    static Set<String> makeSetOf(String first, String second) {
        return Set.of(first, second);
    }

    static Map<String, String> makeMapOf(String key) {
        return Map.of(key, key);
    }

    static Set<String> collectSet(Stream<String> stream) {
        return stream.collect(Collectors.toSet());
    }

    static Map<String, String> collectMap(Stream<String> stream) {
        return stream.collect(Collectors.toMap(text -> text, text -> text));
    }

    static Map<String, List<String>> collectGroups(Stream<String> stream) {
        return stream.collect(Collectors.groupingBy(text -> text));
    }

    static int hashIdentity(Object object) {
        return System.identityHashCode(object);
    }

    static Stream<String> streamParallel(List<String> list) {
        return list.parallelStream();
    }

    static Stream<String> turnParallel(List<String> list) {
        return list.stream().parallel();
    }
}
