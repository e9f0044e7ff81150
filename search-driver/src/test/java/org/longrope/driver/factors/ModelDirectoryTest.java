package org.longrope.driver.factors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;

class ModelDirectoryTest {
  private static final List<String> LOADED =
      List.of(
          "LICENSE",
          "added_tokens.json",
          "chat_template.jinja",
          "configuration_phi3.py",
          "generation_config.json",
          "merges.txt",
          "special_tokens_map.json",
          "tokenizer.json",
          "tokenizer.model",
          "tokenizer_config.json",
          "vocab.json");

  @TempDir Path folder;
  private Path model;
  private Path output;

  @BeforeEach
  void makeModel() throws IOException {
    model = Files.createDirectories(folder.resolve("model"));
    output = folder.resolve("output");
    for (String name : LOADED) {
      Files.writeString(model.resolve(name), name);
    }
    for (String name : List.of("README.md", "training.json", "pytorch_model.bin", ".hidden")) {
      Files.writeString(model.resolve(name), name);
    }
    Files.writeString(model.resolve("config.json"), "{}");
    Files.writeString(model.resolve("model.safetensors"), "weights");
  }

  private List<String> write(boolean force) {
    return new ModelDirectory(model, output, false, force, null).write("{\"new\": 1}");
  }

  private static List<String> names(Path directory) {
    return List.of(Objects.requireNonNull(directory.toFile().list())).stream().sorted().toList();
  }

  @Test
  void write_model_hasAllFilesOfALoaderAndListsThem() throws IOException {
    List<String> notes = write(false);

    assertThat(names(output)).hasSize(LOADED.size() + 2).containsAll(LOADED);
    assertThat(output.resolve("config.json")).content().isEqualTo("{\"new\": 1}");
    assertThat(output.resolve("tokenizer.model")).content().isEqualTo("tokenizer.model");
    assertThat(isLinked("model.safetensors")).isFalse();
    assertThat(notes)
        .singleElement()
        .asString()
        .startsWith("Wrote " + output + ": config.json, LICENSE, ")
        .endsWith("vocab.json, model.safetensors");
  }

  @Test
  void write_withLinks_linksTheWeightsAloneAndReportsIt() throws IOException {
    List<String> notes = link();

    assertThat(isLinked("model.safetensors")).isTrue();
    assertThat(isLinked("tokenizer.json")).isFalse();
    assertThat(notes).hasSize(2);
    assertThat(notes.get(1)).contains("Hard links to the files of").endsWith(": model.safetensors");
  }

  private boolean isLinked(String name) throws IOException {
    return Files.isSameFile(model.resolve(name), output.resolve(name));
  }

  private List<String> link() {
    return new ModelDirectory(model, output, true, false, null).write("{}");
  }

  @Test
  void write_weightsBehindSymbolicLinks_linksTheFilesThemselves() throws IOException {
    Files.move(model.resolve("model.safetensors"), folder.resolve("blob"));
    Files.createSymbolicLink(model.resolve("model.safetensors"), Path.of("../blob"));

    link();

    assertThat(Files.isSymbolicLink(output.resolve("model.safetensors"))).isFalse();
    assertThat(output.resolve("model.safetensors")).content().isEqualTo("weights");
  }

  @Test
  void write_shards_takesThoseOfTheIndexAlone() throws IOException {
    Files.delete(model.resolve("model.safetensors"));
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"a\": \"model-1.safetensors\", \"b\": \"model-1.safetensors\"}}");
    Files.writeString(model.resolve("model-1.safetensors"), "1");
    Files.writeString(model.resolve("consolidated.safetensors"), "another layout");

    write(false);

    assertThat(names(output))
        .contains("model-1.safetensors", "model.safetensors.index.json")
        .doesNotContain("consolidated.safetensors");
    Files.delete(model.resolve("model-1.safetensors"));
    assertThatThrownBy(
            () -> new ModelDirectory(model, folder.resolve("new"), true, true, null).write(""))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("No model-1.safetensors in " + model);
    assertThat(folder.resolve("new")).doesNotExist();
    assertThat(ModelDirectory.lacking(model))
        .endsWith("model-1.safetensors, model.safetensors.index.json");
  }

  @Test
  void write_again_changesNothing() throws IOException {
    write(false);
    Files.delete(output.resolve("config.json"));

    write(false);

    assertThat(output.resolve("config.json")).content().isEqualTo("{\"new\": 1}");
  }

  @Test
  void write_overAnotherFile_isRejectedWithoutForce() throws IOException {
    Files.createDirectories(output);
    Files.writeString(output.resolve("tokenizer.json"), "mine");

    assertThatThrownBy(() -> write(false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(output.resolve("tokenizer.json") + " exists and has other content")
        .hasMessageContaining("--force");
    assertThat(names(output)).containsExactly("tokenizer.json");

    write(true);
    assertThat(output.resolve("tokenizer.json")).content().isEqualTo("tokenizer.json");
  }

  @Test
  void write_nextToOtherWeights_isRejected() throws IOException {
    Files.createDirectories(output);
    Files.writeString(output.resolve("model-00001-of-00002.safetensors"), "another model's");

    assertThatThrownBy(() -> write(true))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("model-00001-of-00002.safetensors is not one of the weights");
    assertThat(names(output)).hasSize(1);
  }

  @Test
  void write_unwritableDirectory_leavesNothing() throws IOException {
    Files.createDirectories(output.resolve("model.safetensors/in the way"));

    assertThatThrownBy(() -> write(true)).isInstanceOf(BadInputException.class);
    assertThat(names(output)).containsExactly("model.safetensors");
  }

  @Test
  void write_modelWithoutWeights_namesTheMissingFiles() throws IOException {
    Files.delete(model.resolve("model.safetensors"));

    assertThat(write(false)).last().asString().contains("Add the weights");
    assertThat(ModelDirectory.lacking(model))
        .contains("from " + model + ": LICENSE, ")
        .contains("tokenizer.model")
        .endsWith("the weights");
  }
}
