package io.p2pvpn.vpn.names;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Names that a test says. */
public final class FakeNames implements NameSource {
    private final TreeMap<String, Integer> addresses = new TreeMap<>();
    private final List<ServiceInstance> services = new ArrayList<>();
    private boolean silent;

    /** A member of that name with that address. */
    public FakeNames with(String hostName, int ipv4) {
        addresses.put(hostName, ipv4);
        return this;
    }

    /** A service that one of them offers. */
    public FakeNames withService(String type, String hostName, int port) {
        services.add(new ServiceInstance(ServiceType.parse(type), hostName, port));
        return this;
    }

    /** From now on nobody can be asked. */
    public void fallSilent() {
        silent = true;
    }

    private <T> CompletableFuture<T> answer(T value) {
        return silent
                ? CompletableFuture.failedFuture(new IllegalStateException("nobody answers"))
                : CompletableFuture.completedFuture(value);
    }

    @Override
    public CompletableFuture<Optional<Integer>> address(String hostName) {
        return answer(Optional.ofNullable(addresses.get(hostName.toLowerCase(Locale.ROOT))));
    }

    @Override
    public CompletableFuture<Optional<String>> hostName(int ipv4) {
        return answer(addresses.entrySet().stream()
                .filter(each -> each.getValue() == ipv4)
                .map(each -> each.getKey())
                .findFirst());
    }

    @Override
    public CompletableFuture<List<ServiceInstance>> services(ServiceType type) {
        return answer(services.stream().filter(each -> each.type().equals(type)).toList());
    }

    @Override
    public void onChanged(Runnable listener) {
        // Nothing changes here but what a test says.
    }

    @Override
    public CompletableFuture<List<Entry>> entries() {
        return answer(addresses.entrySet().stream()
                .map(each -> new Entry(each.getKey(), each.getValue()))
                .toList());
    }
}
