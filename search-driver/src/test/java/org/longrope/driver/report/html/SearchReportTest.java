package org.longrope.driver.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/** 'report' of a search: what its page shows, and what it says of one that cannot be shown. */
class SearchReportTest {
  @TempDir Path directory;

  private Path finished() {
    return TinySearch.copyTo(directory.resolve("run"));
  }

  private static String page(Path run) {
    return Runs.text(run.resolve("report/report.html"));
  }

  /** Without pictures and tags, as a reader sees it. */
  static String seen(String page) {
    return page.replaceAll("(?s)<style>.*</style>", "")
        .replaceAll("</(td|th|dt|dd|p|h\\d|code|caption|figcaption)>", "\n")
        .replaceAll("<[^>]*>", "")
        .replaceAll("[\\u2007\\u2008]", "");
  }

  static void assertSelfContained(String page) {
    assertThat(page).startsWith("<!DOCTYPE html>").doesNotContain("<script", "http:", "https:");
    Matcher source = Pattern.compile("(src|href|url)[=(]\"?([^\">)]*)").matcher(page);
    while (source.find()) {
      assertThat(source.group(2))
          .startsWith(source.group(1).equals("src") ? "data:image/png" : "#");
    }
  }

  private static String ppl(JsonNode value) {
    return String.format(
        Locale.ROOT, value.asDouble() < 1_000 ? "%,.3f" : "%,.1f", value.asDouble());
  }

  @Test
  void report_finishedSearch_showsItsMeasurements() throws IOException {
    Path run = finished();
    Captured report = Captured.run("report", run);
    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(report.err()).isEmpty();
    assertThat(report.out())
        .isEqualTo(
            Runs.text(run.resolve("summary.txt")) + run.resolve("report/report.html") + "\n");
    assertSelfContained(page(run));
    String seen = seen(page(run));
    JsonNode methods = Runs.json(run.resolve("summary.json")).path("methods");
    assertThat(methods).hasSizeGreaterThan(4);
    for (JsonNode method : methods) {
      assertThat(seen.replaceAll("\\s+", " "))
          .contains(
              String.format(
                  Locale.ROOT,
                  "%.4f %s %s %s",
                  method.path("attention_factor").asDouble(),
                  ppl(method.path("target_perplexity")),
                  ppl(method.path("held_out_perplexity")),
                  ppl(method.path("original_perplexity"))));
    }
    JsonNode begun = Runs.json(run.resolve("run.json"));
    assertThat(seen)
        .contains("model to 128 tokens", "4 times the original window of 32 tokens; finished 20")
        .contains(begun.at("/subject/model_sha256").asText())
        .contains(begun.at("/subject/partition_sha256").asText())
        .contains(begun.at("/versions/libtorch").asText(), "device-hours", "seed\n42")
        .doesNotContain("still to come", "null");
    assertThat(page(run).split("<img ", -1)).hasSize(3);
  }

  @Test
  void report_finishedSearch_hasItsFiles() throws IOException {
    Path run = finished();
    assertThat(Captured.run("report", run, "--output", directory.resolve("a/b")).exitCode())
        .isZero();
    Path report = directory.resolve("a/b");
    for (String same : List.of("run.json", "factors.json", "summary.json", "convergence.png")) {
      assertThat(report.resolve(same)).hasSameBinaryContentAs(run.resolve(same));
    }
    assertThat(Files.readAllLines(report.resolve("convergence.csv")))
        .hasSize(4)
        .startsWith("generation,best,median,candidates,rejected");
    List<String> factors = Files.readAllLines(report.resolve("factors.csv"));
    assertThat(factors).hasSize(1 + TinyWorld.PAIRS).startsWith("pair,found,pi,ntk,yarn");
    JsonNode found = Runs.json(run.resolve("factors.json")).path("long_factor");
    assertThat(factors.get(1)).startsWith("0," + found.get(0) + ",4.0,1.0,");
    assertThat(run.resolve("report")).doesNotExist();
    assertThat(report.toFile().list()).noneMatch(name -> name.startsWith("."));
  }

  @Test
  void export_commandsOfThePage_writeEachFormat() {
    Path run = finished();
    Captured.run("report", run);
    Matcher line = Pattern.compile("bin/longrope (export .*)").matcher(seen(page(run)));
    List<String> formats = new ArrayList<>();
    while (line.find()) {
      List<String> words = new ArrayList<>(List.of(line.group(1).split(" ")));
      String output = words.remove(words.size() - 1);
      words.add(directory.resolve(output).toString());
      Captured export = Captured.run(words.toArray());
      assertThat(export.exitCode()).as(export.err()).isZero();
      assertThat(directory.resolve(output)).exists();
      formats.add(output);
    }
    assertThat(formats).containsExactly("model-128", "model-128.gguf", "model-128.csv");
  }

  @Test
  void published_factorsOfAnotherSize_areLeftOut() throws IOException {
    Path run = finished();
    Path fitting = Files.writeString(directory.resolve("a <i>& b.csv"), "1,1.5,2,4\n");
    Path other = Files.writeString(directory.resolve("other.csv"), "1,2\n");
    Captured report = Captured.run("report", run, "--published", fitting, "--published", other);
    assertThat(report.exitCode()).isZero();
    assertThat(report.errors())
        .singleElement()
        .asString()
        .contains("warning: published other.csv", "they are 2", "rotates 4 pairs");
    assertThat(Files.readAllLines(run.resolve("report/factors.csv")).get(2)).endsWith(",1.5");
    assertThat(page(run))
        .contains("published a &lt;i&gt;&amp; b.csv")
        .doesNotContain("<i>", "other.csv");
  }

  @Test
  void published_damaged_isRefused() throws IOException {
    Path run = finished();
    Path bad = Files.writeString(directory.resolve("bad.csv"), "1,x\n");
    refused(run, "Cannot read factors from " + bad, "--published", bad);
  }

  @Test
  void report_unfinishedSearch_showsWhatIsFinished() throws IOException {
    Path run = TinySearch.unfinishedIn(directory.resolve("run"));
    Captured report = Captured.run("report", run);
    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(report.out()).contains("generation 1 of 2", "report.html");
    assertThat(seen(page(run)))
        .contains("This search is not finished", "still to come", "last record 20")
        .contains("The best perplexity among candidates went from");
    assertThat(Files.readAllLines(run.resolve("report/convergence.csv"))).hasSize(2);
    assertThat(run.resolve("report/summary.json")).doesNotExist();
  }

  @Test
  void report_runWithoutGenerations_saysThatNothingIsComplete() throws IOException {
    Path run = TinySearch.unfinishedIn(directory.resolve("run"));
    Files.delete(run.resolve("factors.json"));
    Files.delete(run.resolve("journal/segment-000000.jsonl"));
    Captured report = Captured.run("report", run);
    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(seen(page(run))).contains("not begun yet", "No generation is complete yet");
    assertThat(page(run)).doesNotContain("<img");
  }

  @Test
  void report_intoAnEarlierReport_replacesIt() throws IOException {
    Path run = TinySearch.unfinishedIn(directory.resolve("run"));
    assertThat(Captured.run("report", run).exitCode()).isZero();
    Path whole = TinySearch.copyTo(directory.resolve("whole"));
    Captured report = Captured.run("report", "file:" + whole, "--output", run.resolve("report"));
    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(seen(page(run))).doesNotContain("not finished");
  }

  @Test
  void output_thatHoldsSomethingElse_isRefusedAndKept() throws IOException {
    Path run = finished();
    Path taken = Files.createDirectories(directory.resolve("taken"));
    Files.writeString(taken.resolve("thesis.txt"), "years");
    refused(run, "holds no report", "--output", taken);
    assertThat(taken.toFile().list()).containsExactly("thesis.txt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"summary.json", "factors.json", "run.json"})
  void damagedFile_isRefused(String name) throws IOException {
    Path run = finished();
    String text = Runs.text(run.resolve(name));
    Files.writeString(run.resolve(name), text.substring(0, text.length() / 2));
    refused(run, name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"factors.json", "summary.txt"})
  void missingFileOfAFinishedSearch_isRefused(String name) throws IOException {
    Path run = finished();
    Files.delete(run.resolve(name));
    refused(run, "has no " + name);
  }

  @Test
  void damagedJournal_isRefused() throws IOException {
    Path run = finished();
    Path segment = run.resolve("journal/segment-000000.jsonl");
    Files.writeString(segment, "x" + Runs.text(segment));
    refused(run, "Line 1 of " + segment + " is damaged");
  }

  @Test
  void neitherSearchNorRecipe_isRefused() {
    refused(directory, "No search and no recipe in " + directory);
    refused(directory.resolve("nowhere"), "No search and no recipe in ");
  }

  static void refused(Path path, String message, Object... options) {
    List<Object> words = new ArrayList<>(List.of("report", path));
    words.addAll(List.of(options));
    Captured report = Captured.run(words.toArray());
    assertThat(report.exitCode()).as(report.err()).isEqualTo(2);
    assertThat(report.errors()).as(report.err()).singleElement().asString().contains(message);
    assertThat(report.out()).isEmpty();
    assertThat(path.resolve("report")).doesNotExist();
  }
}
