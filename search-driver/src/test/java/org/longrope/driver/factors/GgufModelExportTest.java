package org.longrope.driver.factors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.factors.FactorExport.Format;
import org.longrope.driver.factors.gguf.GgufBytes;
import org.longrope.driver.factors.gguf.GgufFile;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;

/** Models of 2 layers of 2 heads of 6 dimensions, hidden size 4, where nothing else is said. */
class GgufModelExportTest {
  private static final int WINDOW = 256;
  private static final int WIDTH = 4;
  private static final RescaleFactors LAMBDA = RescaleFactors.of(1, 1.5, 8);
  private static final String LONG = "rope_factors_long.weight";
  private static final String SHORT = "rope_factors_short.weight";

  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();

  private static GgufBytes model(String architecture, int headWidth) {
    return new GgufBytes()
        .text("general.architecture", architecture)
        .text("general.name", "tiny")
        .count(architecture + ".context_length", WINDOW)
        .count(architecture + ".embedding_length", WIDTH)
        .count(architecture + ".block_count", 2)
        .count(architecture + ".attention.head_count", 2)
        .count(architecture + ".attention.key_length", headWidth)
        .count(architecture + ".rope.dimension_count", 6)
        .float32(architecture + ".rope.freq_base", 10_000);
  }

  /** Adds a matrix whose row r has the numbers r + 1. */
  private static GgufBytes rows(GgufBytes file, String name, int rows) {
    float[] values = new float[WIDTH * rows];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1 + i / WIDTH;
    }
    return file.tensor(name, 0, GgufBytes.floats(values), WIDTH, rows);
  }

  private static GgufBytes llama() {
    GgufBytes file = model("llama", 6);
    rows(file, "blk.0.attn_q.weight", 12);
    file.vector("blk.0.attn_q.bias", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    rows(file, "blk.0.attn_k.weight", 12);
    return rows(file, "blk.1.attn_q.weight", 12);
  }

  private static FactorSet set() {
    return new FactorSet(LAMBDA, 0, 1.25, 8.0, WINDOW, null, null, null);
  }

  /** Returns scales 1 + layer/2 + head/4 + pair/8 in whole millionths of ψ. */
  private static FactorSet scaled() {
    double[] scales = new double[2 * 2 * 3];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = scale(i / 6, i / 3 % 2, i % 3);
    }
    return set().withQueryScales(QueryScales.of(2, 2, 3, scales));
  }

  private static double scale(int layer, int head, int pair) {
    return 1 + layer / 2.0 + head / 4.0 + pair / 8.0;
  }

  private GgufModelExport request(
      GgufBytes base, FactorSet set, @Nullable String config, boolean force) {
    Path model = null;
    if (config != null) {
      try {
        model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), config);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    FactorExport export =
        new FactorExport(
            FactorFile.of("f", set),
            model == null ? null : StoredFile.of(model),
            Format.GGUF,
            StoredFile.of(folder.resolve("out/f.gguf")),
            null,
            null,
            null,
            FactorExport.Contents.COPIES,
            force);
    Path file = base.write(folder.resolve("base.gguf"));
    return new GgufModelExport(export, StoredFile.of(file));
  }

  private GgufFile export(GgufBytes base, FactorSet set) {
    FactorExport.Written written = request(base, set, null, true).write(warnings::add);
    return GgufFile.read(written.file().location().local());
  }

  private void assertRefused(GgufBytes base, FactorSet set, @Nullable String config, String why) {
    assertThatThrownBy(() -> request(base, set, config, true).write(warnings::add))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(why);
    assertThat(folder.resolve("out/f.gguf")).doesNotExist();
  }

  private static double[] vector(GgufFile file, String name, int size) {
    GgufFile.Tensor tensor = file.tensor(name);
    assertThat(tensor).as(name).isNotNull();
    return file.vector(tensor, size);
  }

  @Test
  void llama_hasFactorsAndItsOtherBytes() {
    GgufFile file = export(llama(), set());

    assertThat(vector(file, LONG, 3)).containsExactly(1, 1.5, 8);
    assertThat(vector(file, SHORT, 3)).containsExactly(1, 1, 1);
    assertThat(file.value("llama.context_length")).isEqualTo(2048L);
    assertThat(file.value("llama.rope.scaling.type")).isEqualTo("longrope");
    assertThat(file.value("llama.rope.scaling.original_context_length")).isEqualTo(256L);
    assertThat(file.value("llama.rope.scaling.attn_factor")).isEqualTo(1.25);
    assertThat(file.value("longrope.extension_ratio")).isEqualTo(8.0);
    assertThat(file.value("general.name")).isEqualTo("tiny");
    assertThat(file.has("longrope.folded_query_scales")).isFalse();
    assertThat(vector(file, "blk.0.attn_q.weight", 48)[47]).isEqualTo(12);
    assertThat(file.tensors()).hasSize(6);
    assertThat(warnings).isEmpty();
  }

  @Test
  void whatWouldBeAppliedOnTop_isRemoved() {
    GgufBytes base =
        llama()
            .text("llama.rope.scaling.type", "linear")
            .float32("llama.rope.scaling.factor", 2)
            .float32("llama.rope.scale_linear", 2)
            .float32("llama.rope.scaling.yarn_ext_factor", 1)
            .count("longrope.start_tokens", 7)
            .count("longrope.table.lengths", 7)
            .vector(LONG, 9, 9)
            .vector("rope_freqs.weight", 1, 2, 4);

    GgufFile file = export(base, set());

    // Over linear and rope_freqs: the model's own table is twice and these factors as slow.
    assertThat(vector(file, LONG, 3)).containsExactly(2, 6, 64);
    assertThat(vector(file, SHORT, 3)).containsExactly(2, 4, 8);
    assertThat(file.tensor("rope_freqs.weight")).isNull();
    assertThat(file.has("llama.rope.scaling.factor")).isFalse();
    assertThat(file.has("llama.rope.scale_linear")).isFalse();
    assertThat(file.has("llama.rope.scaling.yarn_ext_factor")).isFalse();
    assertThat(file.has("longrope.table.lengths")).isFalse();
    assertThat(file.value("longrope.start_tokens")).isEqualTo(0L);
  }

  @Test
  void frequencyFactors_loseStartTokens() {
    FactorSet set = new FactorSet(LAMBDA, 16, 1.25, 8.0, WINDOW, null, null, null);

    GgufFile file = export(llama().vector("rope_freqs.weight", 1, 2, 4), set);

    assertThat(file.value("longrope.start_tokens")).isEqualTo(0L);
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("the first 16 positions")
        .contains("replace the model's rope_freqs.weight");
  }

  @Test
  void longropeModel_keepsItsShortFactors() {
    GgufBytes base =
        llama()
            .text("llama.rope.scaling.type", "longrope")
            .count("llama.rope.scaling.original_context_length", 128)
            .float32("llama.rope.scaling.attn_factor", 1.5)
            .vector(SHORT, 1, 1.25f, 2)
            .vector(LONG, 1, 2, 4);
    FactorSet set = new FactorSet(LAMBDA, 0, 1.25, 8.0, 128, null, null, null);

    GgufFile file = export(base, set);

    assertThat(vector(file, LONG, 3)).containsExactly(1, 1.5, 8);
    assertThat(vector(file, SHORT, 3)).containsExactly(1, 1.25, 2);
    assertThat(file.value("llama.rope.scaling.original_context_length")).isEqualTo(128L);
  }

  @Test
  void queryScales_ofLlama_areInNeighbouringRows() {
    GgufFile file = export(llama(), scaled());

    double[] bias = vector(file, "blk.0.attn_q.bias", 12);
    for (int layer = 0; layer < 2; layer++) {
      double[] rows = vector(file, "blk." + layer + ".attn_q.weight", 12 * WIDTH);
      for (int i = 0; i < rows.length; i++) {
        int row = i / WIDTH;
        double expected = (row + 1) * scale(layer, row / 6, row % 6 / 2);
        assertThat(rows[i]).isCloseTo(expected, within(1e-4));
        assertThat(layer == 1 || Math.abs(bias[row] - expected) < 1e-4).isTrue();
      }
    }
    assertThat(vector(file, "blk.0.attn_k.weight", 48)[47]).isEqualTo(12);
    assertThat(String.valueOf(file.value("longrope.folded_query_scales")))
        .contains("\"layers\":2")
        .contains("\"sha256\":");
  }

  @Test
  void queryScales_ofPhi3_areInTheHalvesOfRotatedQueries() {
    GgufBytes base = model("phi3", 8);
    rows(base, "blk.0.attn_qkv.weight", 16 + 2 * 8);
    rows(base, "blk.1.attn_qkv.weight", 16 + 2 * 8);

    GgufFile file = export(base, scaled());

    for (int layer = 0; layer < 2; layer++) {
      double[] rows = vector(file, "blk." + layer + ".attn_qkv.weight", 32 * WIDTH);
      for (int i = 0; i < rows.length; i++) {
        int row = i / WIDTH;
        boolean rotated = row < 16 && row % 8 < 6;
        double scale = rotated ? scale(layer, row / 8, row % 8 % 3) : 1;
        assertThat(rows[i]).isCloseTo((row + 1) * scale, within(1e-4));
      }
    }
  }

  @Test
  void queryScales_ofMinicpm3_areInTheLastRowsOfHeads() {
    GgufBytes base =
        model("minicpm3", 8)
            .count("minicpm3.attention.q_lora_rank", WIDTH)
            .count("minicpm3.attention.kv_lora_rank", 4)
            .count("minicpm3.attention.value_length", 4);
    rows(base, "blk.0.attn_q_b.weight", 16);
    rows(base, "blk.1.attn_q_b.weight", 16);

    GgufFile file = export(base, scaled());

    double[] rows = vector(file, "blk.1.attn_q_b.weight", 16 * WIDTH);
    for (int i = 0; i < rows.length; i++) {
      int row = i / WIDTH;
      double scale = row % 8 < 2 ? 1 : scale(1, row / 8, (row % 8 - 2) % 3);
      assertThat(rows[i]).isCloseTo((row + 1) * scale, within(1e-4));
    }
  }

  @Test
  void queryScales_areNamedWithTheirRounding_andNotAppliedTwice() throws IOException {
    FactorExport.Written written = request(llama(), scaled(), null, false).write(warnings::add);

    assertThat(written.notes().get(1))
        .startsWith("Folded the query scales into 3 tensors (F32): rounding changes a weight")
        .contains("e-08 of its value at most");
    byte[] content = Files.readAllBytes(written.file().location().local());
    Files.write(folder.resolve("again.gguf"), content);
    GgufModelExport again =
        new GgufModelExport(
            request(llama(), scaled(), null, true).export(),
            StoredFile.of(folder.resolve("again.gguf")));
    assertThatThrownBy(() -> again.write(warnings::add))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("contain query scales (longrope.folded_query_scales)");
  }

  @Test
  void foldedScales_stayNamedWhenOtherFactorsAreWritten() throws IOException {
    GgufFile first = export(llama(), scaled());
    Path again = Files.copy(first.path(), folder.resolve("again.gguf"));

    FactorExport.Written written =
        new GgufModelExport(request(llama(), set(), null, true).export(), StoredFile.of(again))
            .write(warnings::add);

    GgufFile second = GgufFile.read(written.file().location().local());
    assertThat(second.value("longrope.folded_query_scales"))
        .isEqualTo(GgufFile.read(again).value("longrope.folded_query_scales"));
  }

  @Test
  void config_givesARotationThatTheFileDoesNotDescribe() {
    GgufBytes yarn = llama().text("llama.rope.scaling.type", "yarn");
    String config = config("\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 4.0}");

    assertRefused(yarn, set(), null, "llama.rope.scaling.type is yarn");
    request(yarn, set(), config, false).write(warnings::add);

    GgufFile file = GgufFile.read(folder.resolve("out/f.gguf"));
    assertThat(vector(file, LONG, 3)).containsExactly(4, 6, 32);
  }

  @Test
  void config_ofLlama3_isCheckedAgainstFrequencyFactors() {
    String llama3 =
        config(
            "\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\":"
                + " 1.0, \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 256}");

    assertRefused(
        llama().vector("rope_freqs.weight", 1, 2, 8), set(), llama3, "and the rope type llama3 of");
    // At most 4 turns in 256 tokens are slowed down: those of pairs 1 and 2.
    double turns = 256 * Math.pow(10_000, -1 / 3.0) / (2 * Math.PI);
    double kept = (turns - 1) / 3;
    float slow = (float) (1 / ((1 - kept) / 8 + kept));
    request(llama().vector("rope_freqs.weight", 1, slow, 8), set(), llama3, false)
        .write(warnings::add);

    GgufFile file = GgufFile.read(folder.resolve("out/f.gguf"));
    assertThat(vector(file, LONG, 3))
        .containsExactly(new double[] {1, 1.5 * slow, 64}, within(1e-5));
    assertThat(file.tensor("rope_freqs.weight")).isNull();
  }

  private static String config(String more) {
    return """
    {"model_type": "llama", "hidden_size": 12, "num_attention_heads": 2,
     "num_hidden_layers": 2, "intermediate_size": 32, "vocab_size": 100,
     "max_position_embeddings": 256, "rope_theta": 10000.0, %s}
    """
        .formatted(more);
  }

  @Test
  void filesThatAreNoModels_areRefusedByName() {
    assertRefused(model("qwen2", 6), set(), null, "its architecture is qwen2");
    assertRefused(new GgufBytes(), set(), null, "its architecture is null");
    assertRefused(llama().text("general.type", "adapter"), set(), null, "general.type adapter");
    assertRefused(llama().count("split.count", 3), set(), null, "llama-gguf-split --merge");
    assertRefused(
        model("llama", 6).count("llama.block_count", 0), set(), null, "llama.block_count is 0");
    assertRefused(model("llama", 8), set(), null, "a head has 8 dimensions");
    assertRefused(model("llama", 6), scaled(), null, "it has no blk.0.attn_q.weight");
    FactorSet four =
        new FactorSet(RescaleFactors.of(1, 1, 2, 2), 0, 1.0, 8.0, WINDOW, null, null, null);
    assertRefused(llama(), four, null, "the file has 4, the model rotates 3 pairs");
    FactorSet layers = set().withQueryScales(QueryScales.ones(3, 1, 3));
    assertRefused(llama(), layers, null, "the file has 3 layers");
    assertRefused(
        llama(),
        set(),
        config("\"num_key_value_heads\": 1").replace("layers\": 2", "layers\": 3"),
        "is no model as in");
  }

  @Test
  void splitFile_isRefusedBeforeItIsRead() {
    GgufModelExport request = request(llama(), set(), null, true);
    StoredFile part = StoredFile.of(folder.resolve("m-00001-of-00004.gguf"));

    assertThatThrownBy(() -> new GgufModelExport(request.export(), part).write(warnings::add))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("is one of 4 files of a split model");
  }

  @Test
  void outputThatExists_isReplacedByForceAlone() throws IOException {
    Path output =
        request(llama(), set(), null, false).write(warnings::add).file().location().local();
    byte[] first = Files.readAllBytes(output);

    request(llama(), set(), null, false).write(warnings::add);
    FactorSet other = new FactorSet(LAMBDA, 0, 1.5, 8.0, WINDOW, null, null, null);
    assertThatThrownBy(() -> request(llama(), other, null, false).write(warnings::add))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("exists and has other content");
    assertThat(Files.readAllBytes(output)).isEqualTo(first);
    request(llama(), other, null, true).write(warnings::add);

    assertThat(Arrays.equals(Files.readAllBytes(output), first)).isFalse();
    try (var files = Files.list(folder.resolve("out"))) {
      assertThat(files).containsExactly(output);
    }
    GgufModelExport request = request(llama(), set(), null, true);
    assertThatThrownBy(
            () -> new GgufModelExport(request.export(), request.export().output()).write(w -> {}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("that is the model's own GGUF");
  }
}
