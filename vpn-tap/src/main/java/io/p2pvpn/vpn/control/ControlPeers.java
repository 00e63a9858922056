package io.p2pvpn.vpn.control;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Who may talk through a control socket, whatever has become of the mode of its file: root and the daemon's own user,
 * as the kernel has noted the peer when it connected (SO_PEERCRED of unix(7)). A socket that was given to a group is
 * left to the mode, because the note does not say which groups a user is in besides the first one. Immutable.
 *
 * @param ofGroup whether the socket was given to a group
 * @param ownerId user ID of the daemon
 * @param ownerName the same by name
 */
record ControlPeers(boolean ofGroup, int ownerId, String ownerName) {
    private static final int ROOT_ID = 0;
    private static final String ROOT_NAME = "root";

    /** Those of a socket that this process has just made. */
    static ControlPeers ofOwnSocket(Path socket, boolean ofGroup) throws IOException {
        return new ControlPeers(
                ofGroup,
                (Integer) Files.getAttribute(socket, "unix:uid"),
                Files.getOwner(socket).getName());
    }

    /** Whether the peer of an accepted connection may go on; not if the kernel does not tell who it is. */
    boolean admit(Channel connection) {
        if (ofGroup) {
            return true;
        }
        if (connection instanceof EpollDomainSocketChannel epoll) {
            try {
                return admitsId(epoll.peerCredentials().uid());
            } catch (IOException untold) {
                return false;
            }
        }
        // Java names users instead of giving their numbers; both names come from the same list.
        UnixDomainPrincipal peer =
                connection.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        return peer != null && admitsName(peer.user().getName());
    }

    boolean admitsId(int id) {
        return ofGroup || id == ROOT_ID || id == ownerId;
    }

    boolean admitsName(String name) {
        return ofGroup || name.equals(ROOT_NAME) || name.equals(ownerName);
    }
}
