package org.longrope.eval.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerWeight;
import org.longrope.eval.family.TensorPart;

class CheckpointTest {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String SHARD = "model-00002-of-00002.safetensors";

  private static final Map<String, BiFunction<Path, Long, Path>> ARCHITECTURES =
      Map.of(
          "llama", TinyCheckpoints::llama,
          "mistral", TinyCheckpoints::mistral,
          "qwen2", TinyCheckpoints::qwen2,
          "phi3", TinyCheckpoints::phi3);

  @TempDir Path directory;

  private void assertRejected(String... parts) {
    Throwable thrown = catchThrowable(() -> Checkpoint.open(directory));
    SafetensorsFileTest.assertIsOneSentence(thrown);
    for (String part : parts) {
      assertThat(thrown).hasMessageContaining(part.replace("DIR", directory.toString()));
    }
  }

  private List<SafetensorsWriter.Entry> tensors(ObjectNode config) {
    Random random = new Random(1);
    List<SafetensorsWriter.Entry> tensors = new ArrayList<>();
    TinyCheckpoints.shapes(config)
        .forEach(
            (name, shape) -> tensors.add(TinyCheckpoints.random(name, DType.F32, shape, random)));
    return tensors;
  }

  private SafetensorsWriter.Entry tensor(String name, Long... shape) {
    return TinyCheckpoints.random(name, DType.F32, List.of(shape), new Random(2));
  }

  @ParameterizedTest
  @CsvSource({"llama,F32,9", "mistral,F16,9", "qwen2,BF16,12", "phi3,F32,9"})
  void open_everyArchitecture(String modelType, DType dtype, int weights) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(ARCHITECTURES.get(modelType).apply(directory, 1L));
    DecoderSpec config = checkpoint.config();
    assertThat(config.modelType()).isEqualTo(modelType);
    long parameters = embedding(checkpoint).elements() + finalNorm(checkpoint).elements();
    parameters += config.tiedEmbeddings() ? 0 : head(checkpoint).elements();
    for (int layer = 0; layer < config.layerCount(); layer++) {
      int found = 0;
      for (LayerWeight which : LayerWeight.values()) {
        TensorView view = weight(checkpoint, layer, which);
        if (view != null) {
          found++;
          parameters += view.elements();
          assertThat(view.dtype()).isEqualTo(dtype);
          assertThat((long) view.rows(0, view.rows()).remaining())
              .isEqualTo(view.elements() * dtype.bytes());
        }
      }
      assertThat(found).isEqualTo(weights);
    }
    assertThat(checkpoint.parameterCount()).isEqualTo(parameters);
    assertThat(checkpoint.weightBytes()).isEqualTo(parameters * dtype.bytes());
    assertThat(checkpoint.directory()).isEqualTo(directory);
  }

  @Test
  void open_llamaWithAllBiases_hasThem() {
    ObjectNode config =
        TinyCheckpoints.config("llama").put("attention_bias", true).put("mlp_bias", true);
    Checkpoint checkpoint =
        Checkpoint.open(TinyCheckpoints.write(directory, config, DType.F32, 3, 1));
    for (LayerWeight which : EnumSet.range(LayerWeight.ATTENTION_NORM, LayerWeight.DOWN_BIAS)) {
      assertThat(weight(checkpoint, 1, which)).as(which.name()).isNotNull();
    }
  }

  @Test
  void weight_ofPhi3_isARowRangeOfTheFusedTensor() {
    Checkpoint checkpoint = Checkpoint.open(TinyCheckpoints.phi3(directory, 1));
    SafetensorsFile file = SafetensorsFile.open(directory.resolve(SINGLE));
    TensorView qkv = file.view("model.layers.1.self_attn.qkv_proj.weight");
    TensorView gateUp = file.view("model.layers.1.mlp.gate_up_proj.weight");
    Map<LayerWeight, TensorView> expected =
        Map.of(
            LayerWeight.WQ, qkv.slice(0, 32),
            LayerWeight.WK, qkv.slice(32, 48),
            LayerWeight.WV, qkv.slice(48, 64),
            LayerWeight.GATE, gateUp.slice(0, 24),
            LayerWeight.UP, gateUp.slice(24, 48));
    expected.forEach((which, view) -> assertThat(weight(checkpoint, 1, which)).isEqualTo(view));
    assertThat(weight(checkpoint, 1, LayerWeight.WK).rows(0, 16)).isEqualTo(qkv.rows(32, 48));
  }

  @Test
  void open_shards_givesTheWeightsOfTheSingleFile() {
    Checkpoint single = Checkpoint.open(TinyCheckpoints.llama(directory.resolve("single"), 7));
    Checkpoint shards = Checkpoint.open(TinyCheckpoints.llamaSharded(directory.resolve("two"), 7));
    assertThat(head(shards).rows(0, 64)).isEqualTo(head(single).rows(0, 64));
    assertThat(weight(shards, 1, LayerWeight.DOWN).rows(0, 32))
        .isEqualTo(weight(single, 1, LayerWeight.DOWN).rows(0, 32));
    assertThat(shards.parameterCount()).isEqualTo(single.parameterCount());
    assertThat(shards.sha256()).isNotEqualTo(single.sha256());
  }

  @Test
  void open_bothLayouts_takesTheSingleFile() {
    TinyCheckpoints.llamaSharded(directory, 1);
    TinyCheckpoints.llama(directory, 2);
    assertThat(embedding(Checkpoint.open(directory)).file().getFileName()).hasToString(SINGLE);
  }

  @Test
  void sha256_dependsOnConfigAndWeightsOnly() throws IOException {
    String hash = Checkpoint.open(TinyCheckpoints.llama(directory, 1)).sha256();
    assertThat(hash).hasSize(64);
    Files.writeString(directory.resolve("README.md"), "notes");
    Checkpoint again = Checkpoint.open(directory);
    assertThat(again.sha256()).isEqualTo(hash);
    Files.writeString(directory.resolve("config.json"), "\n", StandardOpenOption.APPEND);
    assertThat(again.sha256()).isEqualTo(hash);
    assertThat(Checkpoint.open(directory).sha256()).isNotEqualTo(hash);
    assertThat(Checkpoint.open(TinyCheckpoints.llama(directory, 2)).sha256()).isNotEqualTo(hash);
  }

  @Test
  void open_buffersAndAHeadEqualToTheEmbedding_areIgnored() {
    ObjectNode config = TinyCheckpoints.config("llama").put("tie_word_embeddings", true);
    List<SafetensorsWriter.Entry> tensors = tensors(config);
    tensors.add(tensor("model.layers.0.self_attn.rotary_emb.inv_freq", 4L));
    SafetensorsWriter.Entry embedding = tensors.get(0);
    ByteBuffer data = embedding.data().iterator().next().duplicate();
    tensors.add(
        new SafetensorsWriter.Entry(
            "lm_head.weight", embedding.dtype(), embedding.shape(), List.of(data)));
    Checkpoint checkpoint = Checkpoint.open(TinyCheckpoints.write(directory, config, tensors, 1));
    assertThat(head(checkpoint)).isEqualTo(embedding(checkpoint));
    assertThat(checkpoint.weightBytes()).isEqualTo(4 * checkpoint.parameterCount());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"lm_head.weight", "model.norm.weight", "model.layers.1.mlp.gate_proj.weight"})
  void open_tensorMissingOrMisshapen_isRejected(String name) {
    ObjectNode config = TinyCheckpoints.config("llama");
    List<SafetensorsWriter.Entry> tensors = tensors(config);
    tensors.removeIf(entry -> entry.name().equals(name));
    TinyCheckpoints.write(directory, config, tensors, 1);
    assertRejected("No tensor '" + name + "' in DIR/" + SINGLE + ": expected it with shape [");
    tensors.add(tensor(name, 5L, 6L));
    TinyCheckpoints.write(directory, config, tensors, 1);
    assertRejected("Tensor '" + name + "' in DIR/" + SINGLE + " has shape [5, 6]: expected [");
  }

  @Test
  void open_fusedTensorMisshapen_isRejected() throws IOException {
    ObjectNode config = TinyCheckpoints.config("phi3");
    TinyCheckpoints.write(directory, config, DType.F32, 1, 1);
    config.put("num_key_value_heads", 4);
    Files.writeString(directory.resolve("config.json"), config.toString());
    assertRejected("qkv_proj.weight", "has shape [64, 32]: expected [96, 32]");
  }

  @Test
  void open_quantisedTensors_areRejected() throws IOException {
    ObjectNode config = TinyCheckpoints.config("llama");
    List<SafetensorsWriter.Entry> tensors = tensors(config);
    tensors.add(tensor("model.layers.0.mlp.up_proj.qweight", 2L));
    TinyCheckpoints.write(directory, config, tensors, 1);
    assertRejected("Tensor 'model.layers.0.mlp.up_proj.qweight' in DIR/", "is quantised");
    String header = "{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[0],\"data_offsets\":[0,0]}}";
    Files.writeString(
        directory.resolve(SINGLE), (char) header.length() + "\0\0\0\0\0\0\0" + header);
    assertRejected("Tensor 'w' in DIR/" + SINGLE + " is quantised (F8_E4M3)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pytorch_model.bin|DIR holds a pickle checkpoint (pytorch_model.bin)",
        "consolidated.00.pth|DIR holds a pickle checkpoint (consolidated.00.pth)",
        "model-q4.gguf|DIR holds a GGUF model (model-q4.gguf)",
        "notes.txt|No model.safetensors or model.safetensors.index.json in DIR",
        "adapter.safetensors|No model.safetensors or model.safetensors.index.json in DIR",
      })
  void open_otherFormats_areRejected(String file, String sentence) throws IOException {
    Files.writeString(directory.resolve("config.json"), TinyCheckpoints.config("llama").toString());
    Files.writeString(directory.resolve(file), "");
    assertRejected(sentence);
  }

  @Test
  void open_withoutDirectoryOrConfig_isRejected() {
    assertRejected("No config.json in DIR");
    assertThatThrownBy(() -> Checkpoint.open(directory.resolve("nowhere")))
        .hasMessageContaining("No directory " + directory.resolve("nowhere"));
  }

  @Test
  void open_unsupportedModel_isRejectedBeforeItsWeights() throws IOException {
    Files.writeString(directory.resolve("config.json"), TinyCheckpoints.config("gpt2").toString());
    Files.writeString(directory.resolve(SINGLE), "damaged");
    assertRejected("model_type in config.json in DIR is \"gpt2\"");
  }

  @Test
  void open_shardMissing_isRejected() throws IOException {
    TinyCheckpoints.llamaSharded(directory, 1);
    Files.delete(directory.resolve(SHARD));
    assertRejected("No " + SHARD + " in DIR", "for tensor '");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../" + SHARD,
        "/etc/" + SHARD,
        "./" + SHARD,
        "folder/" + SHARD,
        "file:/" + SHARD,
        "%2e%2e/" + SHARD,
        "..",
        ".",
        "",
        "model.bin",
        "a\\\\b.safetensors"
      })
  void open_shardOutsideTheDirectory_isRejected(String name) throws IOException {
    TinyCheckpoints.llamaSharded(directory, 1);
    Path index = directory.resolve(INDEX);
    Files.writeString(index, Files.readString(index).replace("\"" + SHARD, "\"" + name));
    assertRejected("DIR/" + INDEX + " places tensor '", "expected the plain name");
  }

  @Test
  void open_indexThatNamesTheWrongShard_isRejected() throws IOException {
    TinyCheckpoints.llamaSharded(directory, 1);
    Path index = directory.resolve(INDEX);
    Files.writeString(index, Files.readString(index).replace("00001-of", "00002-of"));
    assertRejected("Tensor 'model.embed_tokens.weight' is not in DIR/" + SHARD);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|has no weight_map",
        "{\"weight_map\":[]}|has no weight_map",
        "{\"weight_map\":{}}|No tensor 'model.embed_tokens.weight' in DIR/" + INDEX,
        "{\"weight_map\":{\"a\":3}}|places tensor 'a' in 3",
        "{\"weight_map\":|Cannot parse DIR/" + INDEX,
      })
  void open_malformedIndex_isRejected(String text, String sentence) throws IOException {
    TinyCheckpoints.llamaSharded(directory, 1);
    Files.writeString(directory.resolve(INDEX), text);
    assertRejected(sentence);
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "LONGROPE_DATA", matches = ".+")
  void open_publishedCheckpoints() throws IOException {
    Path data = Path.of(System.getenv("LONGROPE_DATA"));
    List<Path> directories = new ArrayList<>();
    for (String parent : List.of("oracle/zoo", "models")) {
      try (Stream<Path> children = Files.list(data.resolve(parent))) {
        children.filter(Files::isDirectory).forEach(directories::add);
      }
    }
    assertThat(directories).hasSizeGreaterThanOrEqualTo(6);
    for (Path each : directories) {
      Checkpoint checkpoint = Checkpoint.open(each);
      assertThat(checkpoint.weightBytes()).isPositive();
      assertThat(weight(checkpoint, 0, LayerWeight.UP).rows(0, 1).remaining()).isPositive();
    }
    assertThat(Checkpoint.open(data.resolve("models/stories15M")).parameterCount())
        .isEqualTo(15_191_712);
    assertThat(
            Checkpoint.open(data.resolve("oracle/zoo/mistral-window-f16"))
                .config()
                .attentionWindows())
        .containsExactly(48, 48);
  }

  private static TensorView embedding(Checkpoint checkpoint) {
    return checkpoint.view(checkpoint.config().embedding());
  }

  private static TensorView finalNorm(Checkpoint checkpoint) {
    return checkpoint.view(Objects.requireNonNull(checkpoint.config().output().norm()));
  }

  private static TensorView head(Checkpoint checkpoint) {
    return checkpoint.view(checkpoint.config().output().head());
  }

  private static @Nullable TensorView weight(Checkpoint checkpoint, int layer, LayerWeight which) {
    List<TensorPart> parts = checkpoint.config().layers().get(layer).parts(which);
    return parts.isEmpty() ? null : checkpoint.view(parts.get(0));
  }
}
