package io.p2pvpn.simulator;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Encodings of one type of message by which a decoder can be tried: some cannot be read, some say what cannot be. */
final class HostileBytes {
    private static final int DEPTH_MAX = 3;
    /** Deeper than any decoder goes. */
    private static final int NESTING = 5_000;

    private static final int LARGE_BYTES = 1 << 20;
    private static final int ELEMENTS_MAX = 100_000;
    /** Lengths of IDs, keys, nonces, identities, and lengths beside them. */
    private static final int[] LENGTHS = {0, 1, 19, 20, 21, 32, 128, 129};

    private final int bytesMax;
    private final List<byte[]> made = new ArrayList<>();

    private HostileBytes(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** All of at most that many bytes. */
    static List<byte[]> of(Descriptor type, int bytesMax) {
        HostileBytes hostile = new HostileBytes(bytesMax);
        hostile.addDamaged(type, 0);
        for (int length : LENGTHS) {
            for (long number : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 65_536}) {
                hostile.add(extreme(type, length, number, 0).toByteArray());
            }
        }
        byte[] whole = extreme(type, 20, 1, 0).toByteArray();
        for (int length = 0; length < whole.length; length++) {
            hostile.add(Arrays.copyOf(whole, length));
        }
        return hostile.made;
    }

    /** What is longer than anything that travels: a megabyte in each field, and a hundred thousand elements. */
    static List<byte[]> largeOf(Descriptor type) {
        HostileBytes hostile = new HostileBytes(LARGE_BYTES);
        hostile.addNested();
        for (FieldDescriptor field : type.getFields()) {
            hostile.add(bytes(out -> out.writeByteArray(field.getNumber(), new byte[LARGE_BYTES - 8])));
            hostile.addManyEmpty(field.getNumber());
        }
        return hostile.made;
    }

    private void add(byte[] bytes) {
        if (bytes.length <= bytesMax) {
            made.add(bytes);
        }
    }

    @FunctionalInterface
    private interface Writer {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            writer.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void addDamaged(Descriptor type, int depth) {
        addNested();
        for (FieldDescriptor field : type.getFields()) {
            int number = field.getNumber();
            int from = made.size();
            addLengths(number);
            addNumbers(number);
            if (field.isRepeated() || field.getJavaType() == JavaType.MESSAGE) {
                addManyEmpty(number);
            }
            if (field.getJavaType() == JavaType.MESSAGE && depth < DEPTH_MAX) {
                HostileBytes inner = new HostileBytes(bytesMax - 8);
                inner.addDamaged(field.getMessageType(), depth + 1);
                inner.made.forEach(each -> add(bytes(out -> out.writeByteArray(number, each))));
            }
            if (depth == 0 && made.size() == from) {
                throw new AssertionError("nothing for " + field);
            }
        }
    }

    /** Groups in groups, of a field that nobody knows, never closed and closed. */
    private void addNested() {
        int deep = Math.min(NESTING, bytesMax / 4);
        add(bytes(out -> {
            for (int i = 0; i < deep; i++) {
                out.writeTag(1000, WireFormat.WIRETYPE_START_GROUP);
            }
        }));
        add(bytes(out -> {
            for (int i = 0; i < deep; i++) {
                out.writeTag(1000, WireFormat.WIRETYPE_START_GROUP);
            }
            for (int i = 0; i < deep; i++) {
                out.writeTag(1000, WireFormat.WIRETYPE_END_GROUP);
            }
        }));
        add(bytes(out -> out.writeTag(1000, WireFormat.WIRETYPE_END_GROUP)));
        add(new byte[] {0});
        add(new byte[] {7});
    }

    /** Lengths beyond the end, of the largest number, and negative. */
    private void addLengths(int number) {
        for (long length : new long[] {1, 1000, 1 << 20, Integer.MAX_VALUE, -1, Long.MIN_VALUE, 0xffffffffL}) {
            add(bytes(out -> {
                out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt64NoTag(length);
            }));
        }
        int full = bytesMax - 8;
        add(bytes(out -> out.writeByteArray(number, new byte[full])));
    }

    private void addNumbers(int number) {
        byte[] endless = new byte[20];
        Arrays.fill(endless, (byte) 0xff);
        add(bytes(out -> {
            out.writeTag(number, WireFormat.WIRETYPE_VARINT);
            out.writeRawBytes(endless);
        }));
        for (long value : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            add(bytes(out -> out.writeUInt64(number, value)));
            add(bytes(out -> out.writeFixed64(number, value)));
        }
        add(bytes(out -> {
            out.writeTag(number, WireFormat.WIRETYPE_FIXED64);
            out.writeRawByte(1);
        }));
    }

    /** As many elements as there is room for, each of two or three bytes. */
    private void addManyEmpty(int number) {
        int count = Math.min(ELEMENTS_MAX, (bytesMax - 8) / 3);
        add(bytes(out -> {
            for (int i = 0; i < count; i++) {
                out.writeByteArray(number, new byte[0]);
            }
        }));
    }

    /** Every field set, one alternative of each choice: byte strings of that length, numbers of that value. */
    private static DynamicMessage extreme(Descriptor type, int length, long number, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            Object value = depth < DEPTH_MAX ? value(field, length, number, depth) : null;
            if (value != null && field.isRepeated()) {
                message.addRepeatedField(field, value);
                message.addRepeatedField(field, value);
            } else if (value != null) {
                message.setField(field, value);
            }
        }
        return message.build();
    }

    private static Object value(FieldDescriptor field, int length, long number, int depth) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) number);
        return switch (field.getJavaType()) {
            case INT -> (int) number;
            case LONG -> number;
            case FLOAT -> number < 0 ? Float.NaN : (float) number;
            case DOUBLE -> (double) number;
            case BOOLEAN -> number != 0;
            case STRING -> "\u0000\u001b[31m\n".repeat(length);
            case BYTE_STRING -> ByteString.copyFrom(bytes);
            case ENUM -> field.getEnumType().getValues().get(0);
            case MESSAGE -> extreme(field.getMessageType(), length, number, depth + 1);
        };
    }
}
