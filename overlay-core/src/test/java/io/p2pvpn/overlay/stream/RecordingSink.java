package io.p2pvpn.overlay.stream;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Notes what a packet says, as text. */
final class RecordingSink implements PacketCodec.Sink {
    private final List<String> said = new ArrayList<>();

    List<String> said() {
        return said;
    }

    @Override
    public void onAck(AckRanges ack) {
        StringBuilder text = new StringBuilder("ack " + ack.delayMicros());
        for (int i = 0; i < ack.count(); i++) {
            text.append(' ').append(ack.smallest(i)).append('-').append(ack.largest(i));
        }
        said.add(text.toString());
    }

    @Override
    public void onStream(long id, long offset, byte[] in, int at, int length, boolean fin) {
        said.add("stream " + id + " " + offset + " " + HexFormat.of().formatHex(Arrays.copyOfRange(in, at, at + length))
                + (fin ? " fin" : ""));
    }

    @Override
    public void onReset(long id, long code, long finalSize) {
        said.add("reset " + id + " " + code + " " + finalSize);
    }

    @Override
    public void onStop(long id, long code) {
        said.add("stop " + id + " " + code);
    }

    @Override
    public void onMaxData(long bytes) {
        said.add("max " + bytes);
    }

    @Override
    public void onMaxStreamData(long id, long bytes) {
        said.add("max " + id + " " + bytes);
    }

    @Override
    public void onOpen(long id, int channel, long window, String service) {
        said.add("open " + id + " " + channel + " " + window + " " + service);
    }

    @Override
    public void onAccept(long id, long window) {
        said.add("accept " + id + " " + window);
    }
}
