package org.longrope.eval.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.SafetensorsFile;
import org.longrope.eval.checkpoint.SafetensorsWriter;
import org.longrope.eval.checkpoint.TensorView;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.TestThreads;

/** Tests of the tensors that a checkpoint must have, may have and must not have. */
@Tag("numeric")
class FamilyTensorsTest {
  @TempDir Path directory;

  @BeforeEach
  void useTestThreads() {
    TestThreads.use();
  }

  private static DecoderSpec read(ObjectNode config, Set<String> names, boolean differentHead) {
    return DecoderSpecReader.read(
        config, "config.json", new TensorNames(names, differentHead, "model.safetensors"));
  }

  private static Set<String> with(TinyFamilies family, String... more) {
    Set<String> names = new HashSet<>(family.shapes().keySet());
    names.addAll(List.of(more));
    return names;
  }

  /** The names of all tensors are written out in {@link TinyFamilies}. */
  @ParameterizedTest
  @EnumSource
  void weights_ofEveryFamily_areAllTensorsOfTheFile(TinyFamilies family) {
    DecoderSpec spec = read(family.config(), family.shapes().keySet(), true);
    assertThat(spec.weights()).extracting(TensorPart::tensor).containsOnlyElementsOf(with(family));
    for (TensorPart part : spec.weights()) {
      assertThat(part.shape()).as(part.tensor()).isEqualTo(family.shapes().get(part.tensor()));
    }
    // Without the names, the weights are where the family usually has them.
    DecoderSpec unknown = read(family.config(), Set.of(), true);
    assertThat(unknown.layers()).isEqualTo(spec.layers());
    assertThat(unknown.output()).isEqualTo(spec.output());
  }

  @ParameterizedTest
  @CsvSource({
    "LLAMA,model.layers.0.self_attn.q_norm.weight",
    "LLAMA,model.layers.1.self_attn.q_proj.bias",
    "LLAMA,model.layers.1.mlp.down_proj.bias",
    "LLAMA,model.layers.2.mlp.down_proj.weight",
    "LLAMA,model.layers.99999999999.mlp.down_proj.weight",
    "LLAMA,model.norm.bias",
    "LLAMA,model.something",
    "MISTRAL,model.layers.0.self_attn.o_proj.bias",
    "PHI3,model.layers.0.self_attn.q_proj.weight",
    "MIXTRAL,model.layers.0.block_sparse_moe.experts.4.w1.weight",
    "OLMO,model.layers.0.input_layernorm.weight",
    "DEEPSEEK_V3,model.layers.3.eh_proj.weight",
    "GEMMA2,model.layers.0.self_attn.q_norm.weight"
  })
  void read_tensorThatNothingReads_isRejectedByName(TinyFamilies family, String tensor) {
    Throwable thrown = catchThrowable(() -> read(family.config(), with(family, tensor), true));
    Sentences.assertIsOne(thrown);
    assertThat(thrown)
        .hasMessageContaining("Tensor '" + tensor + "' in model.safetensors is read by nothing")
        .hasMessageContaining(family.modelType());
  }

  @Test
  void read_buffersAndPredictionLayers_arePassedOver() {
    TinyFamilies llama = TinyFamilies.LLAMA;
    DecoderSpec plain = read(llama.config(), with(llama), true);
    Set<String> buffers =
        with(
            llama,
            "model.rotary_emb.inv_freq",
            "model.layers.0.self_attn.rotary_emb.inv_freq",
            "model.layers.1.self_attn.rotary_emb.cos_cached",
            "vision_tower.weight");
    assertThat(read(llama.config(), buffers, true)).isEqualTo(plain);
    TinyFamilies deepseek = TinyFamilies.DEEPSEEK_V3;
    ObjectNode config = deepseek.config().put("num_nextn_predict_layers", 1);
    Set<String> next =
        with(deepseek, "model.layers.3.eh_proj.weight", "model.layers.3.embed_tokens.weight");
    assertThat(read(config, next, true)).isEqualTo(read(config, with(deepseek), true));
    next.add("model.layers.4.eh_proj.weight");
    Sentences.assertIsOne(catchThrowable(() -> read(config, next, true)));
  }

  @Test
  void read_tiedHead_isTheStoredOneIfItDiffers() {
    TinyFamilies tied = TinyFamilies.LLAMA_TIED;
    Set<String> both = with(tied, "lm_head.weight");
    DecoderSpec own = read(tied.config(), both, true);
    assertThat(own.output().head().tensor()).isEqualTo("lm_head.weight");
    assertThat(own.tiedEmbeddings()).isFalse();
    assertThat(own.notes()).singleElement().asString().contains("lm_head.weight");
    DecoderSpec equal = read(tied.config(), both, false);
    assertThat(equal.tiedEmbeddings()).isTrue();
    assertThat(equal.embedding().tensor()).isEqualTo("model.embed_tokens.weight");
    assertThat(equal.notes()).isEmpty();
    Set<String> headAlone = new HashSet<>(both);
    headAlone.remove("model.embed_tokens.weight");
    DecoderSpec alone = read(tied.config(), headAlone, true);
    assertThat(alone.embedding().tensor()).isEqualTo("lm_head.weight");
    assertThat(alone.tiedEmbeddings()).isTrue();
    // Not tied, the head is expected in the file.
    DecoderSpec untied = read(TinyFamilies.LLAMA.config(), with(tied), true);
    assertThat(untied.output().head().tensor()).isEqualTo("lm_head.weight");
  }

  /** Writes a checkpoint again with other names, and with tensors in addition. */
  private Path rewritten(
      Path from,
      String to,
      ObjectNode config,
      UnaryOperator<String> names,
      SafetensorsWriter.Entry... more)
      throws IOException {
    SafetensorsFile file = SafetensorsFile.open(from.resolve("model.safetensors"));
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (String name : file.names()) {
      entries.add(entry(names.apply(name), file.view(name)));
    }
    entries.addAll(List.of(more));
    Path folder = Files.createDirectories(directory.resolve(to));
    Files.writeString(folder.resolve("config.json"), config.toString());
    SafetensorsWriter.write(folder.resolve("model.safetensors"), java.util.Map.of(), entries);
    return folder;
  }

  private static SafetensorsWriter.Entry entry(String name, TensorView view) {
    return new SafetensorsWriter.Entry(
        name, view.dtype(), view.shape(), List.of(view.rows(0, view.rows())));
  }

  private static SafetensorsWriter.Entry random(String name, Long... shape) {
    return new TinyWeights(false, false, DType.F32, new Random(5)).draw(name, List.of(shape));
  }

  private static float[] nll(Path folder) {
    Checkpoint checkpoint = Checkpoint.open(folder);
    int[] tokens = TinyFamilies.tokens(40);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 40)) {
      return model.nll(tokens, 1, checkpoint.config().rope().published(40));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GEMMA3,gemma3,language_model.model.",
    "GEMMA3,gemma3,model.language_model.",
    "MISTRAL_NO_WINDOW,mistral3,language_model.model.",
    "MISTRAL_NO_WINDOW,mistral3,model.language_model."
  })
  void nll_ofAMultimodalModel_isThatOfItsTextModel(TinyFamilies family, String type, String prefix)
      throws IOException {
    Path text = family.write(directory.resolve("text"), TinyFamilies.SEED);
    ObjectNode config = new JsonMapper().createObjectNode().put("model_type", type);
    config.put("tie_word_embeddings", type.equals("gemma3"));
    config.set("text_config", family.config());
    config.putObject("vision_config").put("hidden_size", 4);
    String head = prefix.startsWith("language_model") ? "language_model.lm_head" : "lm_head";
    Path whole =
        rewritten(
            text,
            "whole",
            config,
            name ->
                name.startsWith("model.")
                    ? prefix + name.substring("model.".length())
                    : name.replace("lm_head", head),
            random("vision_tower.layers.0.weight", 3L, 4L),
            random("multi_modal_projector.linear.weight", 4L, 3L));
    assertThat(nll(whole)).isEqualTo(nll(text));
  }

  @Test
  void nll_headThatDiffers_isThatOfAnUntiedModel() throws IOException {
    Path tied = TinyFamilies.LLAMA_TIED.write(directory.resolve("tied"), TinyFamilies.SEED);
    ObjectNode config = TinyFamilies.LLAMA_TIED.config();
    TensorView embedding =
        SafetensorsFile.open(tied.resolve("model.safetensors")).view("model.embed_tokens.weight");
    float[] expected = nll(tied);
    Path equal = rewritten(tied, "equal", config, name -> name, entry("lm_head.weight", embedding));
    assertThat(nll(equal)).isEqualTo(expected);
    Path alone =
        rewritten(tied, "alone", config, name -> name.replace("model.embed_tokens", "lm_head"));
    assertThat(nll(alone)).isEqualTo(expected);
    Path other = rewritten(tied, "other", config, name -> name, random("lm_head.weight", 64L, 32L));
    double[] reference = FamilyReference.read(other).nll(TinyFamilies.tokens(40));
    double sum = Arrays.stream(reference).sum();
    float[] actual = nll(other);
    double total = 0;
    for (float value : actual) {
      total += value;
    }
    assertThat(total).isCloseTo(sum, org.assertj.core.api.Assertions.within(1e-5 * sum));
    assertThat(actual).isNotEqualTo(expected);
  }
}
