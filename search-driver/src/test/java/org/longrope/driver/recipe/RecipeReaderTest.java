package org.longrope.driver.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

class RecipeReaderTest {
  private static final String CHAIN =
      """
      let { model = /models/base, steps = [40, 60] }
      steps {
        tune {
          command = finetune, model = ${let.model}, factors = ["@first", "@wide"], steps = ${let.steps}
          adapter = false
        }
        first { command = search, model = ${let.model}, target-length = 2048 }
        wide { command = search, model = ${let.model}, target-length = 4096 }
        after { command = passkey, model = "@tune", needle = true }
      }
      """;

  @TempDir Path directory;

  private Recipe read(String text) throws IOException {
    return read(text, Map.of(), Map.of());
  }

  private Recipe read(String text, Map<String, String> set, Map<String, String> handOffs)
      throws IOException {
    Path file = Files.writeString(directory.resolve("chain.conf"), text);
    return RecipeReader.read(StoredFile.of(file), set, handOffs);
  }

  private AbstractThrowableAssert<?, ?> refused(String text) {
    return assertThatThrownBy(() -> read(text)).isInstanceOf(BadInputException.class);
  }

  @Test
  void read_chain_ordersStepsByWhatTheyNeed() throws IOException {
    Recipe recipe = read(CHAIN);

    assertThat(recipe.name()).isEqualTo("chain");
    assertThat(recipe.steps())
        .extracting(Step::name)
        .containsExactly("first", "wide", "tune", "after");
    assertThat(recipe.step("tune").needs()).containsExactly("first", "wide");
  }

  @Test
  void arguments_ofLists_alternate() throws IOException {
    Recipe recipe = read(CHAIN);
    Path out = Path.of("/out");

    assertThat(recipe.step("tune").arguments(out, name -> recipe.step(name).result(out)))
        .containsExactly(
            "--factors", "/out/first/factors.json",
            "--model", "/models/base",
            "--steps", "40",
            "--factors", "/out/wide/factors.json",
            "--steps", "60",
            "--output", "/out/tune");
    assertThat(recipe.step("after").arguments(out, name -> recipe.step(name).result(out)))
        .containsExactly("--model", "/out/tune", "--needle", "--output", "/out/after");
  }

  @Test
  void read_setAndHandOff_replaceValuesOfTheFile() throws IOException {
    Recipe recipe =
        read(CHAIN, Map.of("model", "/models/other"), Map.of("tune", "/elsewhere/tuned"));
    Path out = Path.of("/out");

    assertThat(recipe.step("first").options().get("model")).containsExactly("/models/other");
    assertThat(recipe.step("after").arguments(out, name -> recipe.step(name).result(out)))
        .startsWith("--model", "/elsewhere/tuned");
  }

  @Test
  void read_wrongRecipe_isRejectedWithAllProblemsAtOnce() {
    refused("steps { a { command = dance }, b = 3 }, other = 1")
        .hasMessageContaining("Step a of")
        .hasMessageContaining("the command 'dance': expected one of [prepare, search")
        .hasMessageContaining("Step b of")
        .hasMessageContaining("other in");
    refused("steps { a { command = search, data = \"@b\" } }")
        .hasMessageContaining("Step a of")
        .hasMessageContaining("needs @b: expected one of its steps, a");
    refused(
            """
            steps {
              a { command = search, data = "@c" }
              b { command = search, data = "@a" }
              c { command = search, data = "@b" }
            }
            """)
        .hasMessageContaining("in a circle (a needs c needs b needs a)");
    refused("let { model = null }, steps { a { command = search, model = ${let.model} } }")
        .hasMessageContaining("Option model of step a")
        .hasMessageContaining("--set");
    refused("steps { a { command = search, output = here } }")
        .hasMessageContaining("has an output");
    refused("steps { report { command = search } }").hasMessageContaining("Step 'report'");
    refused("steps {").hasMessageContaining("Cannot read");
    refused("let { a = 1 }").hasMessageContaining("has no steps");
    assertThatThrownBy(() -> read(CHAIN, Map.of("modle", "x"), Map.of()))
        .hasMessageContaining("--set modle");
    assertThatThrownBy(() -> read(CHAIN, Map.of(), Map.of("turn", "x")))
        .hasMessageContaining("--hand-off turn");
  }

  @Test
  void output_ofAnExportedFile_isNamedAfterItsFormat() throws IOException {
    Recipe recipe =
        read(
            "steps { a { command = export, format = gguf }, b { command = export, format = hf } }");

    assertThat(List.of(recipe.step("a"), recipe.step("b")))
        .extracting(step -> step.output(Path.of("/out")))
        .containsExactly(Path.of("/out/a/factors.gguf"), Path.of("/out/b"));
  }
}
