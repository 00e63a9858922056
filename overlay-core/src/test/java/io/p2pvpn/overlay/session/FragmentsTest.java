package io.p2pvpn.overlay.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FragmentsTest {
    private static List<byte[]> cut(Fragments fragments, byte[] message) {
        int number = fragments.nextNumber();
        List<byte[]> pieces = new ArrayList<>();
        byte[] out = new byte[Fragments.PIECE_HEADER_BYTES + Fragments.PIECE_BYTES];
        for (int i = 0; i < Fragments.count(message.length); i++) {
            pieces.add(Arrays.copyOf(out, Fragments.cut(message, number, i, out)));
        }
        return pieces;
    }

    private static byte[] randomMessage(SplittableRandom random) {
        byte[] message = new byte[random.nextInt(Fragments.PIECE_BYTES + 1, Fragments.MESSAGE_BYTES_MAX + 1)];
        random.nextBytes(message);
        return message;
    }

    @Test
    void onPiece_inAnyOrderWithRepetitions_yieldsTheMessageOnce() {
        for (long seed = 1; seed <= 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Fragments sender = new Fragments();
            Fragments receiver = new Fragments();
            byte[] message = randomMessage(random);
            List<byte[]> pieces = cut(sender, message);
            List<byte[]> missing = new ArrayList<>(pieces);
            List<byte[]> arrived = new ArrayList<>();
            List<byte[]> whole = new ArrayList<>();
            while (!missing.isEmpty()) {
                boolean again = !arrived.isEmpty() && random.nextInt(4) == 0;
                byte[] piece = again
                        ? arrived.get(random.nextInt(arrived.size()))
                        : missing.remove(random.nextInt(missing.size()));
                arrived.add(piece);
                byte[] result = receiver.onPiece(piece, piece.length);
                if (result != null) {
                    whole.add(result);
                }
            }
            assertThat(whole).as("seed " + seed).hasSize(1);
            assertThat(whole.get(0)).isEqualTo(message);
        }
    }

    @Test
    void onPiece_withOnePieceMissing_yieldsNothing() {
        Fragments fragments = new Fragments();
        byte[] message = randomMessage(new SplittableRandom(1));
        List<byte[]> pieces = cut(fragments, message);
        pieces.remove(pieces.size() / 2);
        pieces.forEach(
                piece -> assertThat(fragments.onPiece(piece, piece.length)).isNull());
    }

    @Test
    void onPiece_ofManyUnfinishedMessages_keepsTheLatestOnly() {
        Fragments sender = new Fragments();
        Fragments receiver = new Fragments();
        SplittableRandom random = new SplittableRandom(2);
        List<List<byte[]>> messages = new ArrayList<>();
        for (int i = 0; i <= Fragments.PARTIAL_MAX; i++) {
            List<byte[]> pieces = cut(sender, randomMessage(random));
            messages.add(pieces);
            assertThat(receiver.onPiece(pieces.get(0), pieces.get(0).length)).isNull();
        }
        assertThat(finish(receiver, messages.get(Fragments.PARTIAL_MAX))).isTrue();
        assertThat(finish(receiver, messages.get(0))).isFalse();
    }

    private static boolean finish(Fragments receiver, List<byte[]> pieces) {
        boolean whole = false;
        for (byte[] piece : pieces.subList(1, pieces.size())) {
            whole |= receiver.onPiece(piece, piece.length) != null;
        }
        return whole;
    }

    @Test
    void onPiece_ofHostileBytes_neverThrowsAndStaysBounded() {
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Fragments fragments = new Fragments();
            for (int i = 0; i < 300; i++) {
                byte[] piece = new byte[random.nextInt(1, 2000)];
                random.nextBytes(piece);
                if (piece.length > 5 && random.nextBoolean()) {
                    piece[2] = 0;
                    piece[3] = (byte) random.nextInt(3);
                    piece[4] = (byte) random.nextInt(22);
                    piece[5] = (byte) random.nextInt(23);
                }
                byte[] whole = fragments.onPiece(piece, piece.length);
                assertThat(whole == null || whole.length <= Fragments.MESSAGE_BYTES_MAX)
                        .isTrue();
            }
        }
    }
}
