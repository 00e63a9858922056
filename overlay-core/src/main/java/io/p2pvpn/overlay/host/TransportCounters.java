package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Counters.Counter;

/** What the transport counts. Confined to the loop. */
final class TransportCounters {
    final Counter sendBatches;
    final Counter sendFrames;
    final Counter sendBytes;
    final Counter sendCalls;
    final Counter sendBlocked;
    final Counter sendSegmentationRefused;
    final Counter sendClassRefused;
    final Counter receiveBatches;
    final Counter receiveFrames;
    final Counter receiveBytes;
    final Counter receiveCalls;
    final Counter receiveErrors;
    final Counter dropQueueFull;
    final Counter dropUnreachable;
    final Counter dropSendError;
    final Counter dropTooBig;
    final Counter dropNoSender;
    final Counter streamOpened;
    final Counter streamAccepted;
    final Counter streamRefused;
    final Counter streamBadLength;
    final Counter streamIdle;
    final Counter streamClosed;
    final Counter streamTlsFailed;
    final Counter streamProxyFailed;
    final Counter sideRefused;
    final Counter dropInterfaceOff;
    final Counter lanErrors;
    final Counter lanTooLong;
    final Counter lanOffLink;

    TransportCounters(Counters counters) {
        sendBatches = counters.counter("transport.send.batches");
        sendFrames = counters.counter("transport.send.frames");
        sendBytes = counters.counter("transport.send.bytes");
        sendCalls = counters.counter("transport.send.calls");
        sendBlocked = counters.counter("transport.send.blocked");
        sendSegmentationRefused = counters.counter("transport.send.segmentation-refused");
        sendClassRefused = counters.counter("transport.send.class-refused");
        receiveBatches = counters.counter("transport.recv.batches");
        receiveFrames = counters.counter("transport.recv.frames");
        receiveBytes = counters.counter("transport.recv.bytes");
        receiveCalls = counters.counter("transport.recv.calls");
        receiveErrors = counters.counter("transport.recv.errors");
        dropQueueFull = counters.counter("transport.drop.queue-full");
        dropUnreachable = counters.counter("transport.drop.unreachable");
        dropSendError = counters.counter("transport.drop.send-error");
        dropTooBig = counters.counter("transport.drop.too-big");
        dropNoSender = counters.counter("transport.drop.no-sender");
        streamOpened = counters.counter("transport.stream.opened");
        streamAccepted = counters.counter("transport.stream.accepted");
        streamRefused = counters.counter("transport.stream.refused");
        streamBadLength = counters.counter("transport.stream.bad-length");
        streamIdle = counters.counter("transport.stream.idle");
        streamClosed = counters.counter("transport.stream.closed");
        streamTlsFailed = counters.counter("transport.stream.tls-failed");
        streamProxyFailed = counters.counter("transport.stream.proxy-failed");
        sideRefused = counters.counter("transport.side.refused");
        dropInterfaceOff = counters.counter("transport.drop.interface-off");
        lanErrors = counters.counter("transport.lan.errors");
        lanTooLong = counters.counter("transport.lan.drop.too-long");
        lanOffLink = counters.counter("transport.lan.drop.off-link");
    }
}
