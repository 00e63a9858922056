package io.p2pvpn.overlay.host;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Timers.Timer;
import io.p2pvpn.overlay.runtime.Transport;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection, with or without TLS, that carries frames, each behind its length in two bytes, big endian, 1 to
 * {@link Transport#BATCH_BYTES_MAX}. Confined to the loop.
 */
final class TcpStream extends ByteToMessageDecoder {
    private static final int LENGTH_BYTES = 2;

    private final TcpStreams owner;
    private final Endpoint remote;
    private final boolean inbound;
    private @Nullable Channel channel;
    private boolean connected;
    private boolean ended;
    private boolean dirty;
    private @Nullable Timer congestion;
    private boolean handedOver;
    private long framesSeen;

    TcpStream(TcpStreams owner, Endpoint remote, boolean inbound) {
        this.owner = owner;
        this.remote = remote;
        this.inbound = inbound;
    }

    Endpoint remote() {
        return remote;
    }

    boolean isInbound() {
        return inbound;
    }

    /** How many frames it has brought. */
    long framesSeen() {
        return framesSeen;
    }

    /** Whether the device reader waits for it. */
    boolean isCongested() {
        return congestion != null;
    }

    /** Sets the timer that ends the waiting, or null when it has ended. */
    void setCongestion(@Nullable Timer timer) {
        if (congestion != null) {
            congestion.cancel();
        }
        congestion = timer;
    }

    /** Sets the channel, once. */
    void attach(Channel value) {
        channel = value;
    }

    /** The connection stands: what was written so far may go. */
    void onConnected() {
        connected = true;
        dirty = true;
        flush();
    }

    /** Writes a batch as frames; false when too much waits already. */
    boolean write(byte[] buffer, int offset, int length, int segmentBytes) {
        Channel target = channel;
        if (target == null || !target.isWritable()) {
            return false;
        }
        int frames = (length + segmentBytes - 1) / segmentBytes;
        ByteBuf bytes = target.alloc().directBuffer(length + frames * LENGTH_BYTES);
        for (int at = 0; at < length; at += segmentBytes) {
            int size = Math.min(segmentBytes, length - at);
            bytes.writeShort(size);
            bytes.writeBytes(buffer, offset + at, size);
        }
        ChannelFuture unused = target.write(bytes, target.voidPromise());
        return true;
    }

    /** Marks it as having something to flush; false if it was marked. */
    boolean markDirty() {
        boolean first = !dirty;
        dirty = true;
        return first;
    }

    void flush() {
        Channel target = channel;
        // Flushing before the connection stands would fail what waits for it.
        if (dirty && connected && target != null) {
            dirty = false;
            target.flush();
        } else {
            dirty = false;
        }
    }

    /** Closes it and hands over nothing more. */
    void end() {
        ended = true;
        Channel target = channel;
        if (target != null) {
            ChannelFuture unused = target.close();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (ended) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (in.readableBytes() < LENGTH_BYTES) {
            return;
        }
        int length = in.getUnsignedShort(in.readerIndex());
        if (length == 0 || length > Transport.BATCH_BYTES_MAX) {
            owner.onBadLength(this);
            return;
        }
        if (in.readableBytes() >= LENGTH_BYTES + length) {
            in.skipBytes(LENGTH_BYTES);
            framesSeen++;
            handedOver = true;
            owner.onFrame(this, in, length);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        if (handedOver) {
            handedOver = false;
            owner.onReadComplete();
        }
        super.channelReadComplete(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        owner.onWritabilityChanged(this, context.channel().isWritable());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable reason = cause.getCause();
        Throwable thrown = cause instanceof DecoderException && reason != null ? reason : cause;
        if (!(thrown instanceof IOException)) {
            owner.onFailure(thrown);
        }
        ChannelFuture unused = context.close();
    }
}
