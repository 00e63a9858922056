package io.p2pvpn.cli.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * Names and addresses of the demo's network, and the commands that make it.
 *
 * @param prefix begins the name of every network namespace
 * @param hosts the bootstrap first, then the members
 */
record DemoPlan(String prefix, List<Host> hosts) {
    /** The third byte of 198.18.i.0/30 and the length of device names leave room for more; two cores do not. */
    static final int MEMBERS_MAX = 64;

    static final String BOOTSTRAP = "bootstrap";
    private static final String HOST_DEVICE = "eth0";

    /**
     * One host.
     *
     * @param name {@code bootstrap}, {@code node1}, ...
     * @param netns name of its network namespace
     * @param address of the host on the underlay
     * @param gateway the router's address on its link
     * @param routerDevice the router's end of its link
     */
    record Host(String name, String netns, String address, String gateway, String routerDevice) {}

    /** The plan for this many members. */
    static DemoPlan of(String prefix, int members) {
        List<Host> hosts = new ArrayList<>();
        for (int index = 0; index <= members; index++) {
            String name = index == 0 ? BOOTSTRAP : "node" + index;
            String subnet = "198.18." + index + ".";
            hosts.add(new Host(name, prefix + "-" + name, subnet + 2, subnet + 1, "h" + index));
        }
        return new DemoPlan(prefix, List.copyOf(hosts));
    }

    Host bootstrap() {
        return hosts.get(0);
    }

    List<Host> members() {
        return hosts.subList(1, hosts.size());
    }

    /** The router's network namespace. */
    String router() {
        return prefix + "-router";
    }

    /** All network namespaces; the router's last, so that links go down from their ends. */
    List<String> netnsNames() {
        List<String> names = new ArrayList<>();
        hosts.forEach(host -> names.add(host.netns()));
        names.add(router());
        return names;
    }

    /** What makes the network, in order. */
    List<List<String>> createCommands() {
        List<List<String>> commands = new ArrayList<>();
        commands.add(words("ip netns add " + router()));
        commands.add(List.of("ip", "netns", "exec", router(), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"));
        for (Host host : hosts) {
            String inRouter = "ip -n " + router() + " ";
            String inHost = "ip -n " + host.netns() + " ";
            commands.add(words("ip netns add " + host.netns()));
            commands.add(words("ip link add name " + host.routerDevice() + " netns " + router()
                    + " type veth peer name " + HOST_DEVICE + " netns " + host.netns()));
            commands.add(words(inRouter + "addr add " + host.gateway() + "/30 dev " + host.routerDevice()));
            commands.add(words(inRouter + "link set " + host.routerDevice() + " up"));
            commands.add(words(inHost + "link set lo up"));
            commands.add(words(inHost + "addr add " + host.address() + "/30 dev " + HOST_DEVICE));
            commands.add(words(inHost + "link set " + HOST_DEVICE + " up"));
            commands.add(words(inHost + "route add default via " + host.gateway()));
        }
        return commands;
    }

    private static List<String> words(String command) {
        return List.of(command.split(" ", -1));
    }
}
