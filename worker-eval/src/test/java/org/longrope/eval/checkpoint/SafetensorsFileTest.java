package org.longrope.eval.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.eval.BadInputException;

class SafetensorsFileTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("model.safetensors");
  }

  private byte[] small() throws IOException {
    Random random = new Random(1);
    SafetensorsWriter.write(
        file,
        Map.of("format", "pt"),
        List.of(
            TinyCheckpoints.random("a", DType.F32, List.of(3L, 2L), random),
            TinyCheckpoints.random("b", DType.F16, List.of(4L), random),
            TinyCheckpoints.random("c", DType.BF16, List.of(), random)));
    return Files.readAllBytes(file);
  }

  private void raw(String header, int dataBytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    Files.write(
        file,
        ByteBuffer.allocate(Long.BYTES + text.length + dataBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(text.length)
            .put(text)
            .array());
  }

  private static void assertOpensOrIsRejected(Path file) {
    Throwable thrown = catchThrowable(() -> SafetensorsFile.open(file));
    if (thrown != null) {
      assertIsOneSentence(thrown);
    }
  }

  static void assertIsOneSentence(Throwable thrown) {
    assertThat(thrown).isInstanceOf(BadInputException.class);
    assertThat(thrown.getMessage()).doesNotContain("\n").endsWith(".").hasSizeLessThan(800);
  }

  @Test
  void truncated_atEveryByte_isRejected() throws IOException {
    byte[] bytes = small();
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      Throwable thrown = catchThrowable(() -> SafetensorsFile.open(file));
      assertIsOneSentence(thrown);
      assertThat(thrown).hasMessageContaining(file.toString());
    }
  }

  @Test
  void extended_byOneByte_isRejected() throws IOException {
    byte[] bytes = small();
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining("has 35 bytes of data but its header describes 34");
  }

  @Test
  void header_withAnyBitFlipped_opensOrIsRejected() throws IOException {
    byte[] bytes = small();
    int header = bytes.length - 34;
    for (int at = 0; at < header; at++) {
      for (int bit = 0; bit < 8; bit++) {
        bytes[at] ^= (byte) (1 << bit);
        Files.write(file, bytes);
        assertOpensOrIsRejected(file);
        bytes[at] ^= (byte) (1 << bit);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            + "|Tensor 'a' in FILE has the unknown element type \"F31\"",
        "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}|has the unknown element type missing",
        "{\"a\":7}|Tensor 'a' in FILE has the unknown element type missing",
        "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}|has shape missing",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}|has shape [-2]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}|has shape [2.0]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}"
            + "|has data_offsets [-8,0]: expected a list of whole numbers",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}"
            + "|has data_offsets [8, 0]: expected a begin and an end",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8]}}|has data_offsets [8]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}"
            + "|ends at byte 12 of the data but the file has only 8",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}"
            + "|has 8 bytes, which does not fit its shape [3] of F32",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,2],\"data_offsets\":[0,8]}}"
            + "|does not fit its shape",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}"
            + "|has shape [99999999999999999999]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            + "|Tensor 'b' in FILE begins at byte 0 of the data, overlapping",
        "{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}"
            + "|Tensor 'b' in FILE begins at byte 4 of the data, after a hole",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
            + "|FILE has 8 bytes of data but its header describes 4",
        "{\"a\":1,\"a\":1}|Cannot parse the header of FILE: expected a JSON object, found: the"
            + " name",
        "[]|expected a JSON object, found: array",
        "{} x|Cannot parse the header of FILE",
        "` `|found: nothing",
      })
  void header_thatDoesNotDescribeTheFile_isRejected(String header, String sentence)
      throws IOException {
    raw(header, 8);
    Throwable thrown = catchThrowable(() -> SafetensorsFile.open(file));
    assertIsOneSentence(thrown);
    assertThat(thrown).hasMessageContaining(sentence.replace("FILE", file.toString()));
  }

  @Test
  void header_aboveTheBound_isRejected() throws IOException {
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1");
    assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("Git LFS pointer");
    Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1});
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining("its header would have 18446744073709551615 bytes");
    Files.write(file, new byte[] {9, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining("is truncated, its header has 9 bytes");
  }

  @Test
  void header_nestedVeryDeep_isRejected() throws IOException {
    raw("{\"a\":".repeat(100_000), 0);
    assertIsOneSentence(catchThrowable(() -> SafetensorsFile.open(file)));
  }

  @Test
  void view_ofIntegers_isRejected() throws IOException {
    raw("{\"ids\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8);
    SafetensorsFile opened = SafetensorsFile.open(file);
    assertThatThrownBy(() -> opened.view("ids"))
        .hasMessageContaining("Tensor 'ids' in " + file + " has elements of type I64");
  }

  @Test
  void view_gives_theBytesThatWereWritten() throws IOException {
    byte[] bytes = small();
    SafetensorsFile opened = SafetensorsFile.open(file);
    TensorView a = opened.view("a");
    assertThat(a.shape()).containsExactly(3L, 2L);
    assertThat(a.rowBytes()).isEqualTo(8);
    ByteBuffer rows = a.rows(1, 3);
    assertThat(rows.isReadOnly()).isTrue();
    assertThat(rows.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    assertThat(rows).isEqualTo(ByteBuffer.wrap(bytes, bytes.length - 34 + 8, 16));
    assertThat(a.slice(1, 3).slice(1, 2).rows(0, 1)).isEqualTo(a.rows(2, 3));
    assertThat(a.rows(1, 1).remaining()).isZero();
    assertThat(opened.view("b").rows()).isEqualTo(4);
    assertThat(opened.view("c").rows(0, 1).remaining()).isEqualTo(2);
    assertThatThrownBy(() -> a.rows(2, 4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> a.slice(-1, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rows_ofAFileCutAfterOpening_areRejected() throws IOException {
    byte[] bytes = small();
    TensorView c = SafetensorsFile.open(file).view("c");
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    Throwable thrown = catchThrowable(() -> c.rows(0, 1));
    assertIsOneSentence(thrown);
    assertThat(thrown).hasMessageContaining("tensor 'c'");
  }

  @Test
  void rows_ofATensorAboveTwoGigabytes_areMappedInPieces() throws IOException {
    long row = 1L << 30;
    raw("{\"a\":{\"dtype\":\"F32\",\"shape\":[6,268435456],\"data_offsets\":[0,6442450944]}}", 0);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(sparse.length() + 6 * row);
      sparse.seek(sparse.length() - 1);
      sparse.write(7);
    }
    TensorView view = SafetensorsFile.open(file).view("a");
    ByteBuffer last = view.rows(5, 6);
    assertThat(last.get(last.limit() - 1)).isEqualTo((byte) 7);
    assertThatThrownBy(() -> view.rows(0, 2)).hasMessageContaining("take fewer rows");
  }

  @Test
  void write_isTheSameInAnyOrder_andAligned() throws IOException {
    byte[] bytes = small();
    Random random = new Random(1);
    SafetensorsWriter.Entry a = TinyCheckpoints.random("a", DType.F32, List.of(3L, 2L), random);
    SafetensorsWriter.Entry b = TinyCheckpoints.random("b", DType.F16, List.of(4L), random);
    SafetensorsWriter.Entry c = TinyCheckpoints.random("c", DType.BF16, List.of(), random);
    SafetensorsWriter.write(file, Map.of("format", "pt"), List.of(c, b, a));
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    assertThat((bytes.length - 34) % 8).isZero();
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void write_thatFails_leavesTheOldFile() throws IOException {
    byte[] bytes = small();
    SafetensorsWriter.Entry wrong =
        new SafetensorsWriter.Entry("a", DType.F32, List.of(3L), List.of(ByteBuffer.allocate(8)));
    assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), List.of(wrong)))
        .hasMessageContaining("Cannot write 8 bytes as a: its shape [3] of F32 has 12");
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
    SafetensorsWriter.Entry twice =
        new SafetensorsWriter.Entry("a", DType.F32, List.of(2L), List.of(ByteBuffer.allocate(8)));
    assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), List.of(twice, twice)))
        .hasMessageContaining("two tensors as a");
  }
}
