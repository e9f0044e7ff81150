package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;

/** Tests of compressed files, and of files of another format than the requested one. */
class ForeignFilesTest {
  private static final String LINES =
      "{\"text\":\"" + "first ".repeat(99) + "\"}\n{\"text\":\"second\"}\n";

  @TempDir private Path folder;
  private TestPreparation preparation;

  @BeforeEach
  void begin() {
    preparation = new TestPreparation(folder);
  }

  private interface Compressor {
    OutputStream open(OutputStream out) throws IOException;
  }

  private static byte[] compressed(Compressor compressor, String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream stream = compressor.open(bytes)) {
      stream.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static Map<String, Compressor> compressors() {
    Map<String, Compressor> compressors = new LinkedHashMap<>();
    compressors.put("bz2", BZip2CompressorOutputStream::new);
    compressors.put("xz", XZCompressorOutputStream::new);
    compressors.put("lz4", FramedLZ4CompressorOutputStream::new);
    return compressors;
  }

  @Test
  void jsonl_bzip2XzAndLz4_areRead() throws IOException {
    for (Map.Entry<String, Compressor> kind : compressors().entrySet()) {
      preparation.write(
          kind.getKey() + "/d.jsonl." + kind.getKey(), compressed(kind.getValue(), LINES));
      EvaluationPartition partition = preparation.prepare("jsonl", kind.getKey());
      assertThat(partition.documents())
          .as(kind.getKey())
          .extracting(DocumentDescriptor::id)
          .containsExactly("d:0", "d:1");
      assertThat(partition.tokens("d:1")).isEqualTo(TestTokenizer.ids("second"));
    }
  }

  /** Reads the streams of parallel compressors, which write one after the other. */
  @Test
  void jsonl_severalStreamsInAFile_areReadToTheEnd() throws IOException {
    for (Map.Entry<String, Compressor> kind : compressors().entrySet()) {
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.write(compressed(kind.getValue(), "{\"text\":\"a\"}\n"));
      both.write(compressed(kind.getValue(), "{\"text\":\"b\"}\n"));
      preparation.write("d." + kind.getKey(), both.toByteArray());
      assertThat(preparation.ids("jsonl", "d." + kind.getKey())).as(kind.getKey()).hasSize(2);
    }
  }

  @Test
  void jsonl_damagedCompression_isRejectedInOneSentence() throws IOException {
    Random random = new Random(3);
    for (Map.Entry<String, Compressor> kind : compressors().entrySet()) {
      byte[] whole = compressed(kind.getValue(), LINES.repeat(20));
      String name = "d.jsonl." + kind.getKey();
      preparation.write(name, Arrays.copyOf(whole, whole.length / 2));
      assertThat(preparation.rejection("jsonl", name)).contains(name, "damaged, cut off");
      for (int i = 0; i < 5; i++) {
        byte[] damaged = whole.clone();
        damaged[8 + random.nextInt(whole.length - 8)] ^= (byte) (1 + random.nextInt(255));
        preparation.write(name, damaged);
        try {
          preparation.run("jsonl", name);
        } catch (BadInputException e) {
          assertThat(e.getMessage().lines()).hasSize(1);
        }
      }
    }
  }

  @Test
  void parquet_codecWithoutLibrary_isNamed() {
    TestParquet.brotli(folder.resolve("b.parquet"));
    assertThat(preparation.rejection("parquet", "b.parquet"))
        .contains(
            "b.parquet is compressed with brotli", "expected zstd, snappy, gzip, lz4 or none");
  }

  @Test
  void parquet_everyCodecThatIsNamed_isRead() {
    for (String codec : List.of("UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW", "LZ4")) {
      TestParquet.compressed(folder.resolve(codec + ".parquet"), codec);
      assertThat(preparation.ids("parquet", codec + ".parquet")).as(codec).hasSize(1);
    }
  }

  @Test
  void arrow_directoryOfSaveToDisk_isNamedWithItsRemedy() throws IOException {
    preparation.write("saved/dataset_info.json", "{}");
    preparation.write("saved/state.json", "{}");
    preparation.write("saved/data-00000-of-00001.arrow", arrowStream());
    for (String format : List.of("jsonl", "parquet", "tokens", "text")) {
      assertThat(preparation.rejection(format, "saved"))
          .as(format)
          .contains("saved holds Arrow data (data-00000-of-00001.arrow)")
          .contains("datasets.load_from_disk(\"" + folder + "/saved\").to_parquet(");
    }
  }

  @Test
  void arrow_files_areKnownByNameAndByContent() throws IOException {
    preparation.write("data-00000-of-00001.arrow", arrowStream());
    preparation.write("renamed.jsonl", arrowStream());
    preparation.write("renamed.txt", arrowStream());
    preparation.write("renamed.parquet", "ARROW1\0\0and more".getBytes(StandardCharsets.UTF_8));
    Map<String, String> formats =
        Map.of(
            "data-00000-of-00001.arrow", "tokens",
            "renamed.jsonl", "jsonl",
            "renamed.txt", "text",
            "renamed.parquet", "parquet");
    formats.forEach(
        (name, format) ->
            assertThat(preparation.rejection(format, name))
                .contains(name + " is Arrow data", "to_parquet"));
  }

  private static byte[] arrowStream() {
    byte[] bytes = new byte[400];
    Arrays.fill(bytes, 0, 4, (byte) 0xff);
    bytes[4] = (byte) 0x88;
    return bytes;
  }

  @Test
  void filesOfAnotherFormat_areNamedWithTheRightOne() throws IOException {
    TestParquet.books(folder.resolve("p.jsonl"), 2);
    assertThat(preparation.rejection("jsonl", "p.jsonl"))
        .contains("p.jsonl is Parquet", "--format parquet");
    preparation.write("z.txt", new byte[] {'P', 'K', 3, 4, 20, 0, 0, 0, 8});
    assertThat(preparation.rejection("text", "z.txt"))
        .contains("z.txt is a zip archive", "--format archive");
    preparation.write(
        "s.zip", new byte[] {'7', 'z', (byte) 0xbc, (byte) 0xaf, 0x27, 0x1c, 0, 4, 1, 2, 3, 4});
    assertThat(preparation.rejection("archive", "s.zip")).contains("s.zip is a 7-Zip archive");
    preparation.write("n.jsonl", new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 'v'});
    assertThat(preparation.rejection("tokens", "n.jsonl")).contains("n.jsonl is a NumPy array");
  }
}
