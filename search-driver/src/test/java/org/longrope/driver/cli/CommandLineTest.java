package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;

/** Exit codes and sentences: what a person sees when something does not fit. */
class CommandLineTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir Path directory;

  private static Captured refused(Object... words) {
    Captured run = Captured.run(words);
    assertThat(run.errors()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith("longrope: ").doesNotContain("\tat ", "Exception");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    return run;
  }

  private Captured searchRefused(String... changes) {
    Path output = directory.resolve("run");
    Captured run = refused((Object[]) search(output, changes));
    assertThat(output).doesNotExist();
    return run;
  }

  private static String[] search(Path output, String... changes) {
    List<String> words = new ArrayList<>(List.of("search", "--master=local[1]"));
    List<String> defaults =
        List.of(
            "--model=" + WORLD.model(),
            "--data=" + WORLD.data(),
            "--output=" + output,
            "--target-length=128",
            "--documents=2",
            "--population=4",
            "--parents=2",
            "--mutations=1",
            "--crossovers=1",
            "--iterations=1");
    for (String word : defaults) {
      String key = word.substring(0, word.indexOf('=') + 1);
      if (List.of(changes).stream().noneMatch(change -> change.startsWith(key))) {
        words.add(word);
      }
    }
    words.addAll(List.of(changes));
    return words.toArray(String[]::new);
  }

  @Test
  void usageErrors_areOneLine() {
    assertThat(refused("search", "--populatoin", "5").err()).contains("--populatoin", "--help");
    refused("serach");
    refused("resume");
    refused("perplexity", "--model", WORLD.model(), "--length", "64");
    refused("perplexity", "--model", WORLD.model(), "--data", WORLD.data(), "--length", "many");
    assertThat(
            refused(
                    "perplexity",
                    "--model",
                    WORLD.model(),
                    "--data",
                    WORLD.data(),
                    "--length",
                    "64",
                    "--method",
                    "pi",
                    "--factors",
                    "f.json")
                .err())
        .contains("--method", "--factors");
  }

  @Test
  void noCommand_isAUsageError() {
    refused();
  }

  @Test
  void search_withoutAUsableModelOrLength_isRefusedAndLeavesNothing() {
    assertThat(searchRefused("--model=" + directory.resolve("none")).err()).contains("none");
    assertThat(searchRefused("--target-length=32").err()).contains("window of 32");
    assertThat(searchRefused("--documents=7").err()).contains("6 documents");
    assertThat(searchRefused("--target-length=5000").err()).contains("0 documents");
    assertThat(searchRefused("--data=" + directory.resolve("nodata")).err()).contains("nodata");
    assertThat(searchRefused("--iterations=many").err()).contains("iterations is many");
    assertThat(searchRefused("--config=" + directory.resolve("none.conf")).err())
        .contains("none.conf");
  }

  @Test
  void search_onIdsBeyondTheVocabulary_isRefusedAndLeavesNothing() {
    List<int[]> documents = TinyWorld.documents(2, 200, 1);
    documents.get(0)[50] = TinyWorld.VOCABULARY;
    Path data = TinyWorld.partition(directory.resolve("data"), documents);
    assertThat(searchRefused("--data=" + data, "--held-out-documents=0").err())
        .contains("doc-0", "id 64", "vocabulary");
  }

  @Test
  void search_intoAFolderWithOtherFiles_isRefused() throws IOException {
    Path output = Files.createDirectories(directory.resolve("taken"));
    Files.writeString(output.resolve("notes.txt"), "mine");
    assertThat(refused((Object[]) search(output)).err()).contains("not empty");
    assertThat(output).isDirectoryContaining("glob:**notes.txt");
    Path file = Files.writeString(directory.resolve("file"), "");
    refused((Object[]) search(file));
    assertThat(refused((Object[]) search(file.resolve("below"))).err()).contains("below");
  }

  @Test
  void search_withAModelThatAnswersNothing_failsWithASentence() {
    Path model = TinyWorld.model(directory.resolve("model"), 1, Float.NaN);
    Captured run = Captured.run((Object[]) search(directory.resolve("run"), "--model=" + model));
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_FAILED);
    assertThat(run.err()).contains("Every candidate was rejected").doesNotContain("\tat ");
    assertThat(directory.resolve("run/run.json")).exists();
  }

  @Test
  void resume_ofNoRun_isRefused() {
    Path nowhere = directory.resolve("nowhere");
    assertThat(refused("resume", nowhere, "--master=local[1]").err())
        .contains("No run in " + nowhere);
    assertThat(nowhere).doesNotExist();
  }

  @Test
  void cluster_withImpossibleOptions_isRefusedAndLeavesNothing() {
    Path nowhere = directory.resolve("cluster");
    for (String word :
        List.of(
            "--workers=0",
            "--cores-per-worker=0",
            "--gpus-per-worker=many",
            "--gpus-per-worker=9999")) {
      String option = word.substring(0, word.indexOf('='));
      Captured run = refused("cluster", "start", "--directory=" + nowhere, word);
      assertThat(run.err()).containsAnyOf(option, "GPUs by nvidia-smi");
    }
    assertThat(nowhere).doesNotExist();
    assertThat(Captured.run("cluster", "status", "--directory=" + nowhere).exitCode()).isZero();
    assertThat(Captured.run("cluster", "stop", "--directory=" + nowhere).exitCode()).isZero();
    assertThat(nowhere).doesNotExist();
  }
}
