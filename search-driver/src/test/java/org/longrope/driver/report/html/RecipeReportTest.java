package org.longrope.driver.report.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longrope.driver.report.html.SearchReportTest.assertSelfContained;
import static org.longrope.driver.report.html.SearchReportTest.refused;
import static org.longrope.driver.report.html.SearchReportTest.seen;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.Captured;
import org.longrope.driver.run.Runs;

/** 'report' of a recipe: its steps' numbers put together, and what is said of damaged ones. */
class RecipeReportTest {
  @TempDir Path parent;

  private Path directory;

  @BeforeEach
  void name() {
    directory = parent.resolve("out");
  }

  private String reported() {
    Captured report = Captured.run("report", directory);
    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(report.err()).isEmpty();
    return Runs.text(directory.resolve("report/report.html"));
  }

  private static String words(String page) {
    return seen(page).replaceAll("\\s+", " ");
  }

  @Test
  void report_wholeRecipe_showsEveryKindOfStep() throws IOException {
    TinyRecipe.whole(directory);
    String page = reported();
    assertSelfContained(page);
    assertThat(page)
        .contains("tiny &lt;b&gt;recipe&lt;/b&gt; &amp; more")
        .doesNotContain("<b>", "still to come", "Still to come");
    assertThat(words(page))
        .contains("A recipe of 9 steps, all of them done.")
        .contains("original none 3.250 17.500", "@tuned none 3.500 4.125")
        .contains("first: model to 128 tokens", "tuned 30 128 4 15,360 2.0e-05 2.2929 2.0397")
        .contains("64 100.0 42,901.7 100.0 42,901.7", "128 0.0 1.841e+09 100.0 1.841e+09")
        .contains("arc_challenge 25 acc_norm 1,000 50.00 1.42 48.75 1.42 \u22121.25")
        .contains("first search evaluation done 1:02:03", "all 1:")
        .contains(
            "111122223333", "a1b2c3d4e5f6", "version of longrope 0.1.0", "--output &#39;a b&#39;")
        .contains("bin/longrope export --factors " + directory + "/first/factors.json");
    // Perplexity, convergence, factors, training, two pass keys.
    assertThat(page.split("<img ", -1)).hasSize(7);
  }

  @Test
  void report_wholeRecipe_marksTheBestOfEachLength() throws IOException {
    TinyRecipe.whole(directory);
    assertThat(reported())
        .contains("<strong>3.250</strong>", "<strong>4.125</strong>")
        .doesNotContain("<strong>3.500</strong>", "<strong>17.500</strong>");
    assertThat(Captured.run("report", directory).out())
        .containsPattern("original +none +\\* 3\\.250 +17\\.500\n")
        .endsWith(directory + "/report/report.html\n");
  }

  @Test
  void report_wholeRecipe_hasItsFiles() throws IOException {
    TinyRecipe.whole(directory);
    reported();
    Path report = directory.resolve("report");
    for (String same :
        new String[] {
          "recipe.json",
          "summary.json",
          "first/factors.json",
          "first/convergence.png",
          "tuned/training.csv",
          "before/perplexity.json",
          "keys-after/passkey.png",
          "short-before/benchmark.json"
        }) {
      assertThat(report.resolve(same)).hasSameBinaryContentAs(directory.resolve(same));
    }
    assertThat(Files.readAllLines(report.resolve("perplexity.csv")))
        .contains("before," + TinyRecipe.MODEL + ",none,128,17.5,381");
    assertThat(report.resolve("perplexity.png")).exists();
  }

  @Test
  void report_otherDocuments_haveATableOfTheirOwn() throws IOException {
    TinyRecipe recipe = TinyRecipe.whole(directory);
    recipe.perplexity("books", "@tuned", "none", "another", 9.5, Double.POSITIVE_INFINITY);
    recipe.write();
    String page = reported();
    assertThat(page).contains("<strong>3.250</strong>", "<strong>9.500</strong>");
    assertThat(words(page)).contains("@tuned none 9.500 –", "Data d0,", "Data another,");
    assertThat(directory.resolve("report/perplexity-2.csv")).exists();
  }

  @Test
  void report_otherQuestions_haveNoDifference() throws IOException {
    TinyRecipe recipe = TinyRecipe.whole(directory);
    recipe.benchmark("short-after-all", TinyRecipe.MODEL, 0.25, 50);
    recipe.write();
    assertThat(words(reported()))
        .contains("50.00 1.42 48.75 1.42 – 25.00 1.42 –", "the steps asked other questions");
  }

  @Test
  void report_unfinishedRecipe_namesTheStepsToCome() throws IOException {
    TinyRecipe recipe = new TinyRecipe(directory, "begun");
    recipe.step("evaluation", "prepare", "done", 12);
    recipe.perplexity("before", TinyRecipe.MODEL, "none", "d0", 3.25, 17.5);
    Files.createDirectories(directory.resolve("first"));
    recipe.step("first", "search", "pending", 0, "evaluation");
    recipe.step("elsewhere", "finetune", "handed-off", 0);
    recipe.step("short", "benchmark", "pending", 0);
    recipe.summary.put("finished", false);
    recipe.write();
    String page = reported();
    assertThat(words(page))
        .contains("A recipe of 5 steps, 3 of them done.")
        .contains("Still to come: first (search), short (benchmark).")
        .contains("elsewhere finetune handed-off –", "factors to serve are still to come")
        .contains("original none 3.250 17.500");
    assertThat(page).doesNotContain(">Benchmarks<", ">Searches<", ">Fine-tuning<", ">Pass key<");
  }

  @Test
  void report_nothingDone_showsTheSteps() throws IOException {
    TinyRecipe recipe = new TinyRecipe(directory, "new");
    recipe.step("evaluation", "prepare", "pending", 0);
    recipe.summary.put("finished", false);
    recipe.write();
    assertThat(words(reported())).contains("A recipe of 1 step, 0 of them done.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "before/perplexity.json",
        "tuned/training.json",
        "tuned/training.csv",
        "keys-before/passkey.json",
        "keys-before/passkey.png",
        "short-after/benchmark.json",
        "first/summary.json",
        "first/run.json",
        "summary.json",
      })
  void missingFileOfAFinishedStep_isRefused(String name) throws IOException {
    TinyRecipe.whole(directory);
    Files.delete(directory.resolve(name));
    refused(directory, name.equals("first/run.json") ? "No run in " : name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "before/perplexity.json",
        "tuned/training.json",
        "tuned/training.csv",
        "keys-before/passkey.json",
        "short-after/benchmark.json",
        "first/summary.json",
        "summary.json",
      })
  void damagedFileOfAFinishedStep_isRefused(String name) throws IOException {
    TinyRecipe.whole(directory);
    Path file = directory.resolve(name);
    String text = Runs.text(file);
    Files.writeString(file, text.substring(text.length() / 2 + 3));
    refused(directory, name + " is damaged");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../elsewhere", "a/b", "..", ""})
  void stepThatLeavesTheDirectory_isRefused(String name) throws IOException {
    TinyRecipe recipe = TinyRecipe.whole(directory);
    ((ObjectNode) recipe.summary.path("steps").get(2)).put("name", name);
    recipe.write();
    refused(directory, "summary.json is damaged (a step is called '" + name + "')");
  }
}
