package io.p2pvpn.vpn.tun;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens the kernel's clone device and says in words why it could not. */
final class TunOpener {
    private static final String CLONE_DEVICE = "/dev/net/tun";
    private static final String NAME_PATTERN = "p2p%d";
    private static final String NAME_ALLOWED = "[A-Za-z0-9][A-Za-z0-9_.-]{0,14}";

    /** Refuses to attach to a device that exists already. */
    private static final int IFF_TUN_EXCL = 0x8000;

    private static final int OFFLOADS = LinuxConstants.TUN_F_CSUM
            | LinuxConstants.TUN_F_TSO4
            | LinuxConstants.TUN_F_TSO6
            | LinuxConstants.TUN_F_TSO_ECN;
    private static final int OFFLOADS_UDP = LinuxConstants.TUN_F_USO4 | LinuxConstants.TUN_F_USO6;

    private final Posix posix;
    private final boolean tap;
    private final NativeBuffer request = NativeBuffer.allocate(LinuxConstants.IFREQ_BYTES);

    TunOpener(Posix posix, boolean tap) {
        this.posix = posix;
        this.tap = tap;
    }

    /**
     * Makes a device of up to {@code parts} parts with up to {@code rings} rings each: as many as the kernel allows,
     * one at least.
     */
    LinuxTun open(@Nullable String name, boolean withOffloads, int parts, int rings) throws TunException {
        if (name != null && !name.matches(NAME_ALLOWED)) {
            throw new TunException(
                    "\"" + name + "\" cannot name a device",
                    "use at most 15 letters, digits, '_', '.', '-', beginning with a letter or digit",
                    false);
        }
        int fd = openClone();
        if (fd < 0) {
            throw cannotOpen(Posix.lastErrno());
        }
        String actual;
        boolean udp;
        boolean offloads;
        List<List<Integer>> fds = new ArrayList<>();
        try {
            boolean many = parts * rings > 1;
            actual = create(fd, name, many);
            udp = withOffloads && setOffloads(fd, OFFLOADS | OFFLOADS_UDP);
            offloads = udp || (withOffloads && setOffloads(fd, OFFLOADS));
            fds.add(new ArrayList<>(List.of(fd)));
            fd = -1;
            if (many) {
                addRings(actual, fds, parts, rings);
            }
        } finally {
            if (fd >= 0) {
                posix.close(fd);
            }
        }
        LinuxTun tun = new LinuxTun(posix, actual, fds.get(0), tap, offloads, udp);
        for (List<Integer> part : fds.subList(1, fds.size())) {
            tun.add(new LinuxTun(posix, actual, part, tap, offloads, udp));
        }
        return tun;
    }

    private int openClone() {
        return posix.open(CLONE_DEVICE, LinuxConstants.O_RDWR | LinuxConstants.O_NONBLOCK | LinuxConstants.O_CLOEXEC);
    }

    /** The first ring of each part, then the second, and so on: if some are refused, the parts are about equal. */
    private void addRings(String name, List<List<Integer>> fds, int parts, int rings) {
        for (int number = 1; number < parts * rings; number++) {
            int fd = openClone();
            if (fd < 0 || !setInterface(fd, name, LinuxConstants.IFF_MULTI_QUEUE)) {
                if (fd >= 0) {
                    posix.close(fd);
                }
                return;
            }
            if (number < parts) {
                fds.add(new ArrayList<>());
            }
            fds.get(number % parts).add(fd);
        }
    }

    private String create(int fd, @Nullable String name, boolean manyRings) throws TunException {
        if (name != null && posix.if_nametoindex(name) != 0) {
            throw nameTaken(name);
        }
        String wanted = name == null ? NAME_PATTERN : name;
        boolean made = setInterface(fd, wanted, IFF_TUN_EXCL | (manyRings ? LinuxConstants.IFF_MULTI_QUEUE : 0));
        boolean knowsNoRings = !made && manyRings && Posix.lastErrno() == LinuxConstants.EINVAL;
        if (!made && !(knowsNoRings && setInterface(fd, wanted, IFF_TUN_EXCL))) {
            throw cannotCreate(name, Posix.lastErrno());
        }
        byte[] actual = new byte[LinuxConstants.IFNAMSIZ];
        request.get(0, actual, 0, actual.length);
        NativeBuffer headerBytes = NativeBuffer.allocate(Integer.BYTES);
        headerBytes.putInt(0, VnetHeader.LENGTH);
        if (posix.ioctl(fd, LinuxConstants.TUNSETVNETHDRSZ, headerBytes.address()) < 0) {
            throw cannotCreate(name, Posix.lastErrno());
        }
        return new String(actual, StandardCharsets.US_ASCII).trim();
    }

    private boolean setInterface(int fd, String name, int moreFlags) {
        byte[] text = Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), LinuxConstants.IFNAMSIZ);
        request.put(0, text, 0, text.length);
        int kind = tap ? LinuxConstants.IFF_TAP : LinuxConstants.IFF_TUN;
        int flags = kind | LinuxConstants.IFF_NO_PI | LinuxConstants.IFF_VNET_HDR | moreFlags;
        request.putShort(LinuxConstants.IFNAMSIZ, flags);
        return posix.ioctl(fd, LinuxConstants.TUNSETIFF, request.address()) == 0;
    }

    private boolean setOffloads(int fd, int offloads) {
        return posix.ioctl(fd, LinuxConstants.TUNSETOFFLOAD, offloads) == 0;
    }

    private TunException cannotOpen(int errno) {
        if (errno == LinuxConstants.EACCES || errno == LinuxConstants.EPERM) {
            return notPermitted("cannot open " + CLONE_DEVICE);
        }
        if (errno == LinuxConstants.ENOENT || errno == LinuxConstants.ENODEV) {
            return new TunException(
                    CLONE_DEVICE + " is missing",
                    "run \"modprobe tun\", or start the container with --device " + CLONE_DEVICE,
                    false);
        }
        return new TunException("cannot open " + CLONE_DEVICE, posix.strerror(errno), false);
    }

    private TunException cannotCreate(@Nullable String name, int errno) {
        if (errno == LinuxConstants.EPERM || errno == LinuxConstants.EACCES) {
            return notPermitted("cannot make a " + (tap ? "TAP" : "TUN") + " device");
        }
        if (name != null && errno == LinuxConstants.EBUSY) {
            return nameTaken(name);
        }
        return new TunException("cannot make a " + (tap ? "TAP" : "TUN") + " device", posix.strerror(errno), false);
    }

    private static TunException nameTaken(String name) {
        return new TunException(
                "a device named " + name + " exists already", "choose another name or leave it out", false);
    }

    static TunException notPermitted(String problem) {
        return new TunException(problem, "run as root or with the capability CAP_NET_ADMIN", true);
    }
}
