package org.longrope.eval.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.rope.RopeGeometry;

class ModelConfigReaderTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("config.json");
  }

  /** Reads the config of a model type with the fields of a JSON object in place of its own. */
  private ModelConfig read(String modelType, String changes) throws IOException {
    JsonMapper mapper = new JsonMapper();
    ObjectNode config = TinyCheckpoints.config(modelType);
    config.setAll((ObjectNode) mapper.readTree(changes));
    Files.writeString(file, config.toString());
    return ModelConfigReader.read(file);
  }

  @Test
  void read_takesTheFields() throws IOException {
    assertThat(read("llama", "{\"head_dim\":16,\"attention_bias\":true,\"mlp_bias\":true}"))
        .isEqualTo(
            new ModelConfig(
                "llama",
                32,
                24,
                2,
                4,
                2,
                16,
                64,
                1e-5,
                false,
                true,
                true,
                true,
                new RopeGeometry(16, 10000, 32),
                List.of(0, 0)));
  }

  @Test
  void read_absentOrNullFields_haveDefaults() throws IOException {
    ModelConfig config =
        read(
            "llama",
            "{\"head_dim\":null,\"num_key_value_heads\":null,\"rope_theta\":null,"
                + "\"tie_word_embeddings\":null,\"rope_scaling\":null,\"hidden_act\":null}");
    assertThat(config.headDimension()).isEqualTo(8);
    assertThat(config.keyValueHeads()).isEqualTo(4);
    assertThat(config.rope().base()).isEqualTo(10000);
    assertThat(config.tiedEmbeddings()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "llama,false,false",
    "mistral,false,false",
    "phi3,false,false",
    "qwen2,true,false",
  })
  void read_biasesByArchitecture(String modelType, boolean input, boolean output)
      throws IOException {
    ModelConfig config = read(modelType, "{}");
    assertThat(config.queryKeyValueBias()).isEqualTo(input);
    assertThat(config.outputBias()).isEqualTo(output);
    assertThat(config.feedForwardBias()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama|{\"rope_parameters\":{\"rope_theta\":5e5,\"rope_type\":\"default\"}}|8|5e5|32",
        "llama|{\"rope_scaling\":{\"type\":\"default\"}}|8|1e4|32",
        "llama|{\"rope_scaling\":{\"rope_type\":null}}|8|1e4|32",
        "phi3|{\"partial_rotary_factor\":0.75}|6|1e4|32",
        "phi3|{\"rope_parameters\":{\"partial_rotary_factor\":0.5}}|4|1e4|32",
        "phi3|{\"partial_rotary_factor\":0.75,\"head_dim\":96}|72|1e4|32",
        "phi3|{\"original_max_position_embeddings\":16}|8|1e4|16",
        "llama|{\"rope_parameters\":{\"original_max_position_embeddings\":8}}|8|1e4|8",
      })
  void read_rotation(String modelType, String changes, int rotary, double base, int window)
      throws IOException {
    assertThat(read(modelType, changes).rope()).isEqualTo(new RopeGeometry(rotary, base, window));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama|{\"sliding_window\":8}|0,0,0",
        "mistral|{}|0,0,0",
        "mistral|{\"sliding_window\":null}|0,0,0",
        "mistral|{\"sliding_window\":8}|8,8,8",
        "phi3|{\"sliding_window\":8}|8,8,8",
        "qwen2|{\"sliding_window\":8,\"use_sliding_window\":false,\"max_window_layers\":0}|0,0,0",
        "qwen2|{\"sliding_window\":8,\"use_sliding_window\":true}|0,0,0",
        "qwen2|{\"sliding_window\":8,\"use_sliding_window\":true,\"max_window_layers\":0}|8,8,8",
        "qwen2|{\"sliding_window\":8,\"use_sliding_window\":true,\"max_window_layers\":2}|0,0,8",
        "qwen2|{\"sliding_window\":8,\"use_sliding_window\":true,\"max_window_layers\":2,"
            + "\"layer_types\":[\"sliding_attention\",\"full_attention\",\"full_attention\"]}"
            + "|8,0,0",
      })
  void read_attentionWindows(String modelType, String changes, String windows) throws IOException {
    String layers = changes.replaceFirst("\\{", "{\"num_hidden_layers\":3,").replace(",}", "}");
    List<Integer> expected = Arrays.stream(windows.split(",")).map(Integer::valueOf).toList();
    assertThat(read(modelType, layers).attentionWindows()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model_type\":\"gpt2\"}|model_type in WHERE is \"gpt2\": expected one of the supported"
            + " llama, mistral, qwen2, phi3",
        "{\"model_type\":null}|model_type in WHERE is null",
        "{\"model_type\":3}|model_type in WHERE is 3: expected a text",
        "{\"quantization_config\":{\"quant_method\":\"gptq\"}}|are quantised (quantization_config"
            + " method \"gptq\")",
        "{\"num_local_experts\":8}|is a mixture of experts (num_local_experts)",
        "{\"num_experts\":8}|is a mixture of experts (num_experts)",
        "{\"hidden_act\":\"gelu\"}|hidden_act in WHERE is \"gelu\": expected the only supported",
        "{\"rope_scaling\":{\"type\":\"yarn\",\"factor\":4}}|WHERE already rescales its positions"
            + " (rope_scaling type 'yarn'): expected the original model; take the model before"
            + " extension, or pass this config with --factors.",
        "{\"rope_parameters\":{\"rope_type\":\"longrope\"}}|(rope_parameters type 'longrope')",
        "{\"rope_scaling\":{\"factor\":4}}|already rescales",
        "{\"rope_scaling\":4}|rope_scaling in WHERE is 4: expected an object or null",
        "{\"hidden_size\":-32}|hidden_size in WHERE is -32: expected a whole number from 1 to",
        "{\"hidden_size\":null}|hidden_size in WHERE is null",
        "{\"hidden_size\":32.5}|hidden_size in WHERE is 32.5",
        "{\"hidden_size\":\"32\"}|hidden_size in WHERE is \"32\"",
        "{\"hidden_size\":99999999999999999999}|hidden_size in WHERE is 99999999999999999999",
        "{\"num_hidden_layers\":0}|num_hidden_layers in WHERE is 0",
        "{\"num_hidden_layers\":2000000000}|num_hidden_layers in WHERE is 2000000000",
        "{\"intermediate_size\":0}|intermediate_size",
        "{\"vocab_size\":0}|vocab_size",
        "{\"num_key_value_heads\":3}|num_key_value_heads in WHERE is 3: expected a divisor",
        "{\"num_attention_heads\":5,\"num_key_value_heads\":5}|expected a divisor of hidden_size",
        "{\"head_dim\":7}|head_dim in WHERE is 7: expected one that rotates an even number",
        "{\"rms_norm_eps\":0}|rms_norm_eps",
        "{\"rms_norm_eps\":null}|rms_norm_eps",
        "{\"rope_theta\":-1}|rope_theta",
        "{\"rope_theta\":1e999}|rope_theta",
        "{\"partial_rotary_factor\":0.5}|expected 1 or nothing for model_type llama",
        "{\"max_position_embeddings\":null}|max_position_embeddings",
        "{\"max_position_embeddings\":3000000000}|max_position_embeddings",
        "{\"tie_word_embeddings\":\"no\"}|tie_word_embeddings in WHERE is \"no\"",
      })
  void read_whatIsNotSupportedOrAbsurd_isRejected(String changes, String sentence) {
    Throwable thrown = catchThrowable(() -> read("llama", changes));
    SafetensorsFileTest.assertIsOneSentence(thrown);
    assertThat(thrown)
        .hasMessageContaining(sentence.replace("WHERE", "config.json in " + directory));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"use_sliding_window\":true,\"sliding_window\":8,\"layer_types\":[\"chunked\",\"x\"]}",
        "{\"use_sliding_window\":true,\"sliding_window\":8,\"layer_types\":[]}",
        "{\"use_sliding_window\":true,\"sliding_window\":-1}",
        "{\"use_sliding_window\":true,\"sliding_window\":8,\"max_window_layers\":-1}",
      })
  void read_absurdWindows_areRejected(String changes) {
    SafetensorsFileTest.assertIsOneSentence(catchThrowable(() -> read("qwen2", changes)));
  }

  @Test
  void read_nan_namesTheField() throws IOException {
    String text = TinyCheckpoints.config("llama").toString();
    Files.writeString(file, text.replace("\"rms_norm_eps\":1.0E-5", "\"rms_norm_eps\":NaN"));
    assertThatThrownBy(() -> ModelConfigReader.read(file))
        .hasMessageContaining("rms_norm_eps in config.json in " + directory + " is");
  }

  @Test
  void read_damagedAtAnyByte_opensOrIsRejected() throws IOException {
    byte[] bytes = TinyCheckpoints.config("phi3").toString().getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < bytes.length; at++) {
      Files.write(file, Arrays.copyOf(bytes, at));
      SafetensorsFileTest.assertIsOneSentence(catchThrowable(() -> ModelConfigReader.read(file)));
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << bit);
        Files.write(file, flipped);
        Throwable thrown = catchThrowable(() -> ModelConfigReader.read(file));
        if (thrown != null) {
          SafetensorsFileTest.assertIsOneSentence(thrown);
        }
      }
    }
  }

  @Test
  void write_givesTheSameConfigBack() throws IOException {
    ModelConfig config = read("llama", "{\"head_dim\":16,\"tie_word_embeddings\":true}");
    String json = ModelConfigWriter.toJson(config, DType.BF16, 1, null);
    Files.writeString(file, json);
    assertThat(ModelConfigReader.read(file)).isEqualTo(config);
    assertThat(json)
        .contains("\"architectures\"", "\"torch_dtype\" : \"bfloat16\"", "\"eos_token_id\" : null");
    assertThatThrownBy(() -> ModelConfigWriter.toJson(read("qwen2", "{}"), DType.F32, null, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"rope_scaling\":{\"type\":\"longrope\",\"long_factor\":[2],"
            + "\"original_max_position_embeddings\":16}}|true|16",
        "{\"original_max_position_embeddings\":8,\"rope_scaling\":{\"type\":\"su\","
            + "\"long_factor\":[2]}}|true|8",
        "{\"rope_parameters\":{\"rope_type\":\"longrope\",\"long_factor\":[2],"
            + "\"rope_theta\":1e4}}|true|32",
        "{\"rope_scaling\":null}|false|32",
      })
  void read_longropeFactors_areThoseOfAnExtendedModel(
      String changes, boolean extended, int originalWindow) throws IOException {
    ModelConfig config = read("llama", changes);
    assertThat(config.rope()).isEqualTo(new RopeGeometry(8, 10000, originalWindow));
    assertThat(ModelConfigReader.isExtended(file)).isEqualTo(extended);
  }
}
