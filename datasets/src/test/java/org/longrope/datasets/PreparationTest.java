package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;

class PreparationTest {
  private static final ProgressListener QUIET = (documents, tokens, done, shares) -> {};

  @TempDir private Path folder;
  private Path tokenizer;

  @BeforeEach
  void writeTokenizer() {
    tokenizer = TestTokenizer.write(folder.resolve("tokenizer"), true);
  }

  @Test
  void text_directory_takesFilesSortedByPathWithStemsAsIds() throws IOException {
    write("books/b.txt", "beta");
    write("books/a.txt", "älpha\r\n");
    write("books/deep/c.md", "gamma");
    write("books/empty.txt", "");
    write("books/.hidden", "x");
    EvaluationPartition partition = prepare(request("text", "books"));
    assertThat(ids(partition)).containsExactly("a", "b", "c");
    assertThat(partition.documents().get(2))
        .isEqualTo(new DocumentDescriptor("c", "deep/c.md", 5, 2));
    assertThat(partition.tokens("a")).isEqualTo(TestTokenizer.ids("älpha\r\n"));
    assertThat(partition.manifest().source()).containsExactly("books");
    assertThat(partition.manifest().tokens()).isEqualTo(8 + 4 + 5);
  }

  @Test
  void text_sameStems_takesPathsAsIds() throws IOException {
    write("books/one/a.txt", "1");
    write("books/two/a.txt", "2");
    write("more/one/a.txt", "3");
    EvaluationPartition partition =
        prepare(request("text", "books", folder.resolve("mo*/*/*.txt").toString()));
    assertThat(ids(partition)).containsExactly("one/a.txt", "two/a.txt", "a.txt");
  }

  @Test
  void text_oddFileNames_areReadAsTheyAre() throws IOException {
    write("books/odd [1] #2 %20 {x} é.txt", "odd");
    write("books/two.gz", gzip("two"));
    String named = "books/odd [1] #2 %20 {x} é.txt";
    assertThat(ids(prepare(request("text", named, "books"))))
        .containsExactly("odd [1] #2 %20 {x} é", "two");
  }

  @Test
  void text_fileUriAndHadoopTokenizerPath_areRead() throws IOException {
    Path file = write("a.txt", "one");
    PrepareRequest request =
        new PrepareRequest(
            List.of(file.toUri().toString()),
            SourceFormat.TEXT,
            tokenizer.toUri().toString(),
            folder.resolve("out").toUri().toString(),
            null,
            0,
            null,
            0);
    assertThat(ids(prepare(request))).containsExactly("a");
  }

  @Test
  void otherFileSystem_inAndOut_isReadAndWritten() throws IOException {
    Configuration hadoop = TestSpark.context().hadoopConfiguration();
    hadoop.setClass("fs.other.impl", OtherFileSystem.class, FileSystem.class);
    zip("a.zip", Map.of("a.txt", utf8("one")));
    String base = "other://" + folder;
    PrepareRequest request =
        new PrepareRequest(
            List.of(base + "/a.zip"),
            SourceFormat.ARCHIVE,
            base + "/tokenizer",
            base + "/deep/out",
            null,
            0,
            null,
            0);
    Preparation.run(TestSpark.context(), request, QUIET);
    EvaluationPartition partition =
        EvaluationPartition.open(new org.apache.hadoop.fs.Path(request.output()), hadoop);
    assertThat(partition.tokens("a.txt")).isEqualTo(TestTokenizer.ids("one"));
    try (Stream<Path> files = Files.list(folder.resolve("deep"))) {
      assertThat(files).containsExactly(folder.resolve("deep/out"));
    }
  }

  /** Local files under another scheme, as a stand-in for HDFS and object stores. */
  public static final class OtherFileSystem extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("other:///");
    }

    @Override
    public String getScheme() {
      return "other";
    }
  }

  @Test
  void archive_takesTextEntriesOnly() throws IOException {
    Map<String, byte[]> entries = new TreeMap<>();
    entries.put("META-INF/MANIFEST.MF", utf8("Manifest-Version: 1.0"));
    entries.put("org/A.java", utf8("class A {}"));
    entries.put("org/B.class", new byte[] {(byte) 0xca, (byte) 0xfe, 0, 1});
    entries.put("org/C.java", utf8("class C {}"));
    entries.put("org/empty.txt", new byte[0]);
    zip("sources.jar", entries);
    EvaluationPartition partition = prepare(request("archive", "sources.jar"));
    assertThat(ids(partition)).containsExactly("org/A.java", "org/C.java");
    assertThat(partition.tokens("org/C.java")).isEqualTo(TestTokenizer.ids("class C {}"));
  }

  @Test
  void archive_entriesThatLeaveIt_areDocumentsAndNoFiles() throws IOException {
    Map<String, byte[]> entries = new TreeMap<>();
    entries.put("../above.txt", utf8("one"));
    entries.put(folder.resolve("absolute.txt").toString(), utf8("two"));
    zip("slip.zip", entries);
    EvaluationPartition partition = prepare(request("archive", "slip.zip"));
    assertThat(ids(partition)).containsExactlyElementsOf(entries.keySet());
    assertThat(folder.resolve("absolute.txt")).doesNotExist();
    assertThat(folder.resolveSibling("above.txt")).doesNotExist();
  }

  @Test
  void archive_sameEntryInTwo_getsTheArchiveBeforeIt() throws IOException {
    zip("one.zip", Map.of("a.txt", utf8("1"), "only.txt", utf8("3")));
    zip("two.zip", Map.of("a.txt", utf8("2")));
    EvaluationPartition partition = prepare(request("archive", "one.zip", "two.zip"));
    assertThat(ids(partition)).containsExactlyInAnyOrder("one:a.txt", "only.txt", "two:a.txt");
  }

  @Test
  void pg19_withoutSplit_readsValidationWithTitlesAndNotesIt() throws IOException {
    write("pg19/validation/10.txt", "ten");
    write("pg19/validation/11.txt", "eleven");
    write("pg19/test/12.txt", "twelve");
    write(
        "pg19/metadata.csv",
        "10,\"A \"\"quoted\"\" title, with comma\",1890,http://x\r\n12,T,1,u\n");
    List<String> notes = new ArrayList<>();
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void tokenised(long documents, long tokens, int done, int shares) {}

          @Override
          public void note(String sentence) {
            notes.add(sentence);
          }
        };
    Preparation.run(TestSpark.context(), request("pg19", "pg19").build(), listener);
    EvaluationPartition partition = open("out");
    assertThat(partition.documents())
        .containsExactly(
            new DocumentDescriptor("10", "A \"quoted\" title, with comma", 3, 0),
            new DocumentDescriptor("11", "11.txt", 6, 1));
    assertThat(partition.manifest().split()).isEqualTo("validation");
    assertThat(notes).startsWith("No split was named: reading validation.");
  }

  @Test
  void jsonl_plainGzipAndZstd_giveTheSameDocuments() throws IOException {
    String lines =
        """
        {"text":"first","id":7,"title":"One"}

        {"text":"second","meta":"{\\"file\\":\\"s.tex\\"}"}
        {"text":""}
        {"text":"third","short_book_title":"Three"}\
        """;
    write("plain/d.jsonl", utf8("\ufeff" + lines));
    write("gzip/d.jsonl.gz", gzip(lines));
    write("zstd/d.jsonl.zst", Zstd.compress(utf8(lines)));
    for (String kind : List.of("plain", "gzip", "zstd")) {
      prepare(request("jsonl", kind).to("out-" + kind));
      EvaluationPartition partition = open("out-" + kind);
      assertThat(partition.documents())
          .as(kind)
          .containsExactly(
              new DocumentDescriptor("7", "One", 5, 0),
              new DocumentDescriptor("d:2", "s.tex", 6, 1),
              new DocumentDescriptor("d:4", "Three", 5, 2));
      assertThat(partition.tokens("d:2")).isEqualTo(TestTokenizer.ids("second"));
    }
  }

  @Test
  void jsonl_split_selectsFilesByNameOrFolder() throws IOException {
    write("set/validation.jsonl", "{\"text\":\"a\"}");
    write("set/validation/more.jsonl", "{\"text\":\"b\"}");
    write("set/train.jsonl", "{\"text\":\"c\"}");
    assertThat(ids(prepare(request("jsonl", "set").split("validation"))))
        .containsExactly("validation:0", "more:0");
  }

  @Test
  void parquet_columnsOfPg19_areReadInRowOrder() {
    TestParquet.books(folder.resolve("data/validation-00000-of-00001.parquet"), 7);
    EvaluationPartition partition = prepare(request("parquet", "data"));
    assertThat(partition.documents()).hasSize(7);
    assertThat(partition.documents().get(3))
        .isEqualTo(new DocumentDescriptor("validation-00000-of-00001:3", "Title 3", 6, 3));
    assertThat(partition.tokens("validation-00000-of-00001:3"))
        .isEqualTo(TestTokenizer.ids("text 3"));
  }

  @Test
  void tokens_everyListLayout_keepsIdsAsTheyAre() {
    List<int[]> ids = List.of(new int[] {1, 5, 6}, new int[0], new int[] {0, 2147483647});
    for (String layout : TestParquet.LIST_LAYOUTS.keySet()) {
      TestParquet.tokens(folder.resolve(layout + ".parquet"), layout, ids);
      prepare(request("tokens", layout + ".parquet").withoutTokenizer().to("out-" + layout));
      EvaluationPartition partition = open("out-" + layout);
      assertThat(ids(partition)).as(layout).containsExactly(layout + ":0", layout + ":2");
      assertThat(partition.tokens(layout + ":0")).containsExactly(1, 5, 6);
      assertThat(partition.sequence(layout + ":2")).containsExactly(0, 2147483647);
      assertThat(partition.manifest().tokenizerHash()).isNull();
    }
  }

  @Test
  void tokens_bosLeads_isNotDoubled() throws IOException {
    write(
        "t.jsonl",
        "{\"id\":\"with\",\"input_ids\":[256,65]}\n{\"id\":\"bare\",\"input_ids\":[65]}");
    EvaluationPartition partition = prepare(request("tokens", "t.jsonl"));
    assertThat(partition.manifest().bosTokenId()).isEqualTo(TestTokenizer.BOS);
    assertThat(partition.tokens("with")).containsExactly(256, 65);
    assertThat(partition.sequence("with")).containsExactly(256, 65);
    assertThat(partition.tokens("bare")).containsExactly(65);
    assertThat(partition.sequence("bare")).containsExactly(256, 65);
  }

  @Test
  void sequence_tokenizerWithoutBos_isTheDocument() throws IOException {
    tokenizer = TestTokenizer.write(folder.resolve("bare"), false);
    write("a.txt", "hi");
    EvaluationPartition partition = prepare(request("text", "a.txt"));
    assertThat(partition.manifest().bosTokenId()).isNull();
    assertThat(partition.sequence("a")).containsExactly('h', 'i');
  }

  @Test
  void run_otherCoresAndAgain_givesTheSameBytes() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      lines.append("{\"text\":\"").append("word ".repeat(i + 1)).append("\"}\n");
    }
    write("set/d.jsonl.gz", gzip(lines.toString()));
    write("set/e.jsonl", lines.toString());
    Map<String, Map<String, String>> bytes = new HashMap<>();
    for (int cores : List.of(1, 2)) {
      for (String attempt : List.of("a", "b")) {
        String name = "out-" + cores + attempt;
        PrepareRequest request = request("jsonl", "set").sample(30).to(name).build();
        Preparation.run(TestSpark.context(cores), request, QUIET);
        bytes.put(name, contents(folder.resolve(name)));
      }
    }
    assertThat(bytes.get("out-1a")).containsKeys("manifest.json", "part-00000.parquet");
    assertThat(new HashSet<>(bytes.values())).hasSize(1);
  }

  @Test
  void run_again_hasNothingToDo() throws IOException {
    Path file = write("a.txt", "hello");
    PrepareRequest request = request("text", "a.txt").build();
    List<List<Long>> calls = new ArrayList<>();
    ProgressListener counting =
        (documents, tokens, done, shares) ->
            calls.add(List.of(documents, tokens, (long) done, (long) shares));
    PrepareResult first = Preparation.run(TestSpark.context(), request, counting);
    assertThat(first.alreadyThere()).isFalse();
    assertThat(first.documentsRead()).isEqualTo(1);
    assertThat(calls).containsExactly(List.of(1L, 5L, 1L, 1L));
    PrepareResult second = Preparation.run(TestSpark.context(), request, counting);
    assertThat(second.alreadyThere()).isTrue();
    assertThat(second.manifest()).isEqualTo(first.manifest());
    assertThat(calls).containsExactly(List.of(1L, 5L, 1L, 1L));

    Files.writeString(file, "other");
    assertBad(request, "holds a partition of other input or other options");
    assertThat(open("out").tokens("a")).isEqualTo(TestTokenizer.ids("hello"));
  }

  @Test
  void unchanged_sameListing_hasNothingToDo() throws IOException {
    Path file = write("d/a.txt", "hello");
    setAgeSeconds(file, 3600);
    PrepareRequest request = request("text", "d").build();
    assertThat(unchanged(request)).isEmpty();
    PrepareResult first = Preparation.run(TestSpark.context(), request, QUIET);
    assertThat(unchanged(request)).hasValue(PrepareResult.nothingToDo(first.manifest()));

    setAgeSeconds(file, 1800);
    assertThat(unchanged(request)).as("another modification time").isEmpty();
    assertThat(Preparation.run(TestSpark.context(), request, QUIET).alreadyThere()).isTrue();
    assertThat(unchanged(request)).as("the time of the last preparation").isPresent();
    assertThat(unchanged(request("text", "d").seed(1).build())).as("another request").isEmpty();

    Path second = write("d/b.txt", "more");
    setAgeSeconds(second, 3600);
    assertThat(unchanged(request)).as("another file").isEmpty();
    assertBad(request, "holds a partition of other input or other options");
    Files.delete(second);
    assertThat(unchanged(request)).as("the first files again").isPresent();
    Files.writeString(tokenizer.resolve("tokenizer_config.json"), "{}");
    assertThat(unchanged(request)).as("another tokenizer").isEmpty();
  }

  @Test
  void unchanged_inputsWrittenDuringTheListing_mustBeReadAgain() throws IOException {
    Path file = write("a.txt", "hello");
    setAgeSeconds(file, -3600);
    PrepareRequest request = request("text", "a.txt").build();
    Preparation.run(TestSpark.context(), request, QUIET);
    assertThat(unchanged(request)).isEmpty();
  }

  private static Optional<PrepareResult> unchanged(PrepareRequest request) {
    return Preparation.unchanged(request, new Configuration());
  }

  private static void setAgeSeconds(Path file, int seconds) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(seconds)));
  }

  @Test
  void run_outputIsSomethingElse_isRejected() throws IOException {
    write("a.txt", "hello");
    write("out/precious.txt", "mine");
    assertBad(request("text", "a.txt"), "exists and is no evaluation partition");
    assertThat(folder.resolve("out/precious.txt")).hasContent("mine");
  }

  @Test
  void minTokens_dropsShorterDocuments() throws IOException {
    write("d/a.txt", "12345");
    write("d/b.txt", "1234");
    PrepareResult result =
        Preparation.run(TestSpark.context(), request("text", "d").minTokens(5).build(), QUIET);
    assertThat(result.documentsTooShort()).isEqualTo(1);
    assertThat(ids(open("out"))).containsExactly("a");
    assertBad(
        request("text", "d").minTokens(6).to("other"),
        "Expected some documents of at least 6 tokens, but the input has 0 (of 2; the longest has"
            + " 5 tokens)");
  }

  @Test
  void sample_sameSeedDrawsTheSameAndTooFewAreNamed() throws IOException {
    for (int i = 0; i < 12; i++) {
      write(String.format("d/%02d.txt", i), "x".repeat(i + 1));
    }
    List<String> one = ids(prepare(request("text", "d").sample(5).seed(1).to("s1")));
    List<String> again = ids(prepare(request("text", "d").sample(5).seed(1).to("s1b")));
    List<String> two = ids(prepare(request("text", "d").sample(5).seed(2).to("s2")));
    assertThat(one).hasSize(5).isSorted().isEqualTo(again).isNotEqualTo(two);
    assertBad(
        request("text", "d").sample(13).to("s3"), "Expected 13 documents of at least 1 tokens");
  }

  @Test
  void badInput_saysWhatAndWhere() throws IOException {
    assertBad(request("text", "none.txt"), "There is no ", "none.txt");
    write("latin.txt", new byte[] {'a', (byte) 0xe4, 'b'});
    assertBad(request("text", "latin.txt"), "latin.txt is not text: expected UTF-8");
    write("bad.jsonl", "{\"text\":\"a\"}\n{\"text\":\n");
    assertBad(request("jsonl", "bad.jsonl"), "Line 2 of ", "bad.jsonl is not JSON");
    write("two.jsonl", "{\"text\":\"a\"}{\"text\":\"b\"}\n");
    assertBad(request("jsonl", "two.jsonl"), "Line 1 of ", "two.jsonl is not JSON");
    write("latin.jsonl", new byte[] {'{', '"', (byte) 0xe4, '"', ':', '1', '}'});
    assertBad(request("jsonl", "latin.jsonl"), "Line 1 of ", "latin.jsonl is not UTF-8");
    write("field.jsonl", "{\"txt\":\"a\"}\n");
    assertBad(request("jsonl", "field.jsonl"), "Line 1 of ", "no field \"text\"");
    write("ids.jsonl", "{\"input_ids\":[1,-1]}\n");
    assertBad(request("tokens", "ids.jsonl"), "Line 1 of ", "has -1 in \"input_ids\"");
    write("noids.jsonl", "{\"text\":\"a\"}\n");
    assertBad(request("tokens", "noids.jsonl"), "has no field \"input_ids\"");
    write("big.jsonl", "{\"input_ids\":[2147483648]}\n");
    assertBad(request("tokens", "big.jsonl"), "expected ids from 0 to 2147483647");
    write("x.zip", "not a zip at all");
    assertBad(request("archive", "x.zip"), "Cannot read archive ", "x.zip");
    write("x.parquet", "not Parquet at all");
    assertBad(request("parquet", "x.parquet"), "Cannot read ", "x.parquet");
    byte[] gzip = gzip("{\"text\":\"" + "abc".repeat(9999) + "\"}");
    write("cut.jsonl.gz", Arrays.copyOf(gzip, gzip.length / 2));
    assertBad(request("jsonl", "cut.jsonl.gz"), "cut.jsonl.gz", "damaged, cut off or out of reach");
    byte[] zstd = Zstd.compress(utf8("{\"text\":\"" + "abc".repeat(9999) + "\"}"));
    write("cut.jsonl.zst", Arrays.copyOf(zstd, zstd.length - 4));
    assertBad(request("jsonl", "cut.jsonl.zst"), "cut.jsonl.zst", "damaged");
    TestParquet.books(folder.resolve("books.parquet"), 2);
    assertBad(
        request("tokens", "books.parquet"), "no column \"input_ids\" of integer lists", "text");
    TestParquet.tokens(folder.resolve("neg.parquet"), "huggingface", List.of(new int[] {4, -4}));
    assertBad(request("tokens", "neg.parquet"), "Row 0 of ", "has -4 in input_ids");
    byte[] parquet = Files.readAllBytes(folder.resolve("books.parquet"));
    parquet[new String(parquet, StandardCharsets.ISO_8859_1).indexOf("text 1")] ^= 0x55;
    write("flipped.parquet", parquet);
    assertBad(request("parquet", "flipped.parquet"), "flipped.parquet", "a whole Parquet file");
    write("cut.parquet", Arrays.copyOf(parquet, parquet.length - 9));
    assertBad(request("parquet", "cut.parquet"), "cut.parquet", "a whole Parquet file");
    TestParquet.tokens(folder.resolve("t.parquet"), "huggingface", List.of(new int[] {4}));
    assertBad(request("parquet", "t.parquet"), "no string column \"text\"", "input_ids");
    write("pg/validation/1.txt", "a");
    assertBad(request("pg19", "pg"), "metadata.csv");
    assertBad(request("pg19", "pg").split("dev"), "pg/dev: expected PG19's layout");
    Files.createDirectories(folder.resolve("nothing"));
    assertBad(request("jsonl", "nothing"), "There are no files of format jsonl in ");
    tokenizer = folder.resolve("nothing");
    assertBad(request("text", "latin.txt"), "No tokenizer.json in ");
    write("nothing/tokenizer.json", "{}");
    assertBad(request("text", "latin.txt"), "Cannot read " + tokenizer + "/tokenizer.json");
    assertThatExceptionOfType(BadInputException.class)
        .isThrownBy(() -> request("text", "latin.txt").withoutTokenizer().build())
        .withMessageContaining("Format text needs a tokenizer");
    assertThatExceptionOfType(BadInputException.class)
        .isThrownBy(() -> SourceFormat.parse("csv"))
        .withMessage(
            "There is no format \"csv\": expected one of text, archive, pg19, jsonl, parquet,"
                + " tokens.");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(f -> f.getFileName().toString().startsWith("out"))).isEmpty();
    }
  }

  private void assertBad(Request request, String... parts) {
    assertBad(request.build(), parts);
  }

  private static void assertBad(PrepareRequest request, String... parts) {
    assertThatExceptionOfType(BadInputException.class)
        .isThrownBy(() -> Preparation.run(TestSpark.context(), request, QUIET))
        .withMessageContainingAll(parts);
  }

  private EvaluationPartition prepare(Request request) {
    return prepare(request.build());
  }

  private static EvaluationPartition prepare(PrepareRequest request) {
    Preparation.run(TestSpark.context(), request, QUIET);
    return EvaluationPartition.open(
        new org.apache.hadoop.fs.Path(request.output()), new Configuration());
  }

  private EvaluationPartition open(String name) {
    return EvaluationPartition.open(
        new org.apache.hadoop.fs.Path(folder.resolve(name).toString()), new Configuration());
  }

  private static List<String> ids(EvaluationPartition partition) {
    return partition.documents().stream().map(DocumentDescriptor::id).toList();
  }

  private Request request(String format, String... inputs) {
    return new Request(SourceFormat.parse(format), List.of(inputs));
  }

  /** A request with the defaults of the command line. */
  private final class Request {
    private final SourceFormat format;
    private final List<String> inputs;
    private String tokenizerDirectory = tokenizer.toString();
    private String output = "out";
    private String split;
    private int minTokens;
    private Integer sample;
    private long seed = 42;

    Request(SourceFormat format, List<String> inputs) {
      this.format = format;
      this.inputs = inputs;
    }

    Request to(String name) {
      output = name;
      return this;
    }

    Request split(String name) {
      split = name;
      return this;
    }

    Request minTokens(int tokens) {
      minTokens = tokens;
      return this;
    }

    Request sample(int documents) {
      sample = documents;
      return this;
    }

    Request seed(long value) {
      seed = value;
      return this;
    }

    Request withoutTokenizer() {
      tokenizerDirectory = null;
      return this;
    }

    PrepareRequest build() {
      return new PrepareRequest(
          inputs.stream().map(i -> folder.resolve(i).toString()).toList(),
          format,
          tokenizerDirectory,
          folder.resolve(output).toString(),
          split,
          minTokens,
          sample,
          seed);
    }
  }

  private Path write(String name, String text) throws IOException {
    return write(name, utf8(text));
  }

  private Path write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private void zip(String name, Map<String, byte[]> entries) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve(name)))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(utf8(text));
    }
    return bytes.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the contents of a partition's files, without the fingerprint of its inputs. */
  private static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(path -> !path.toString().contains("_inputs")).toList()) {
        contents.put(
            file.getFileName().toString(),
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return contents;
  }
}
