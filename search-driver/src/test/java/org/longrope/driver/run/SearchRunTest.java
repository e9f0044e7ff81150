package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.execution.spark.SparkTaskExecutor;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.cmaes.CmaEsConfig;
import org.longrope.search.genetic.GeneticConfig;
import org.longrope.search.gradient.GradientConfig;

/** A whole search with a real model: in process, and on Spark with one and two cores. */
@Tag("numeric")
class SearchRunTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final SearchSettings SETTINGS =
      Runs.settings(WORLD.model(), WORLD.data(), new GeneticConfig(8, 4, 3, 3, 3, 0.3, 5), 3, 2);

  @TempDir static Path directory;
  private static Path inProcess;
  private static String summary;

  @BeforeAll
  static void searchInProcess() {
    inProcess = directory.resolve("in-process");
    SearchRun run =
        SearchRun.begin(
            SETTINGS, RunDirectory.create(inProcess.toString(), Runs.HADOOP), Runs.HADOOP);
    try (Runs.OpenWorker worker = Runs.worker(run)) {
      TaskExecutor scorer = Runs.local(worker::execute);
      summary = run.execute(scorer, Runs.SURROGATE, RunListener.SILENT);
    }
  }

  private static Path searchOnSpark(SearchSettings settings, String name, String master) {
    Path output = directory.resolve(name + "-" + master);
    try (JavaSparkContext spark = new SparkSettings(master, Map.of()).start("test")) {
      SearchRun run =
          SearchRun.begin(
              settings, RunDirectory.create(output.toString(), Runs.HADOOP), Runs.HADOOP);
      try (SparkTaskExecutor scorer = Runs.onSpark(spark, run)) {
        run.execute(scorer, Runs.SURROGATE, RunListener.SILENT);
      }
    }
    return output;
  }

  @Test
  void search_onAnyNumberOfCores_givesTheSameJournalAndFactors() {
    for (String master : List.of("local[1]", "local[2]")) {
      assertSame(searchOnSpark(SETTINGS, "paper", master), inProcess);
    }
  }

  /** Whose candidates are mostly scored on one document, and told of a generation at a time. */
  @Test
  void fastSearch_onAnyNumberOfCores_givesTheSameJournalAndFactors() {
    SearchSettings fast =
        Runs.settings(
            WORLD.model(), WORLD.data(), new CmaEsConfig(4, 60, Set.of(), false, 5), 3, 2);
    assertSame(searchOnSpark(fast, "fast", "local[2]"), searchOnSpark(fast, "fast", "local[1]"));
  }

  @Test
  void searchByGradient_onAnyNumberOfCores_givesTheSameJournalAndFactors() {
    SearchSettings gradient =
        Runs.settings(
            WORLD.model(),
            WORLD.data(),
            new GradientConfig(6, 2, 1, false, false, QueryScaleChoice.NONE, 1, 5),
            3,
            2);
    Path one = searchOnSpark(gradient, "gradient", "local[1]");
    assertSame(searchOnSpark(gradient, "gradient", "local[2]"), one);
    assertSame(searchOnSpark(gradient, "gradient", "local[5]"), one);
    assertThat(Runs.evaluations(one)).anyMatch(line -> line.contains("by_log_factors"));
  }

  private static void assertSame(Path run, Path other) {
    assertThat(Runs.journalContents(run)).isEqualTo(Runs.journalContents(other));
    for (String file : List.of("factors.json", "summary.json", "summary.txt", "run.json")) {
      assertThat(run.resolve(file)).hasSameTextualContentAs(other.resolve(file));
    }
  }

  @Test
  void search_withAnAttentionWindowShorterThanItsTarget_warnsBeforeItEvaluates() {
    RunDirectory begun =
        RunDirectory.create(directory.resolve("short-window").toString(), Runs.HADOOP);
    List<String> warnings = new ArrayList<>();
    TaskExecutor none =
        Runs.scorer(
            (tasks, answers) -> {
              throw new IllegalStateException("enough");
            });

    SearchRun run =
        SearchRun.begin(Runs.attending(AttentionWindow.parse("16"), SETTINGS), begun, Runs.HADOOP);

    assertThatThrownBy(() -> run.execute(none, Runs.SURROGATE, Runs.warnings(warnings::add)))
        .hasMessage("enough");
    assertThat(warnings)
        .singleElement()
        .asString()
        .startsWith("The attention window of 2 of 2 layers is 16 tokens, shorter than the 128 ");
  }

  @Test
  void runDirectory_hasAllItsFilesAndNoOther() throws IOException {
    try (Stream<Path> files = Files.walk(inProcess)) {
      assertThat(files.filter(Files::isRegularFile).map(f -> inProcess.relativize(f).toString()))
          .containsExactlyInAnyOrder(
              "run.json",
              "factors.json",
              "summary.txt",
              "summary.json",
              "convergence.png",
              "factors.png",
              "journal/segment-000000.jsonl");
    }
    assertThat(inProcess.resolve("summary.txt")).hasContent(summary);
    for (String plot : List.of("convergence.png", "factors.png")) {
      BufferedImage image = ImageIO.read(inProcess.resolve(plot).toFile());
      assertThat(image.getWidth()).isGreaterThan(500);
    }
  }

  @Test
  void journal_hasEveryEvaluationOnce() {
    List<String> tasks = new ArrayList<>();
    for (String line : Runs.evaluations(inProcess)) {
      assertThat(line).contains("\"dtype\":\"f32\"").doesNotContain("rejected");
      tasks.add(line.replaceAll("\"phase\":\"[^\"]*\",", "").replaceAll(",\"nll\".*", ""));
    }
    assertThat(tasks).doesNotHaveDuplicates();
    // 8 + 3·6 candidates on 3 documents, less PI, which is a baseline too; at least.
    assertThat(tasks).hasSizeGreaterThan((8 + 3 * 6) * 3);
  }

  @Test
  void factors_areALongropeObjectWithTheirProvenance() {
    JsonNode json = Runs.json(inProcess.resolve("factors.json"));
    assertThat(json.path("rope_type").asText()).isEqualTo("longrope");
    assertThat(json.path("long_factor")).hasSize(TinyWorld.PAIRS);
    assertThat(json.path("short_factor")).hasSize(TinyWorld.PAIRS);
    assertThat(json.path("factor").asDouble()).isEqualTo(4);
    assertThat(json.path("original_max_position_embeddings").asInt()).isEqualTo(32);
    assertThat(json.path("attention_factor").asDouble())
        .isCloseTo(Math.sqrt(1 + Math.log(4) / Math.log(32)), within(1e-12));
    JsonNode own = json.path("longrope");
    assertThat(own.path("start_tokens").isInt()).isTrue();
    assertThat(own.path("target_length").asInt()).isEqualTo(128);
    JsonNode provenance = own.path("provenance");
    assertThat(provenance.path("model_sha256").asText())
        .isEqualTo(Checkpoint.open(WORLD.model()).sha256());
    assertThat(provenance.path("partition_sha256").asText())
        .isEqualTo(
            EvaluationPartition.open(
                    new org.apache.hadoop.fs.Path(WORLD.data().toString()), Runs.HADOOP)
                .manifest()
                .contentHash());
    assertThat(provenance.path("protocol").asText()).isEqualTo("truncated(128)");
    assertThat(provenance.path("compute_dtypes").toString()).isEqualTo("[\"f32\"]");
    assertThat(provenance.path("documents")).hasSize(3);
    assertThat(provenance.path("settings").path("seed").asInt()).isEqualTo(5);
    assertThat(provenance.path("settings").path("population").asInt()).isEqualTo(8);
    assertThat(provenance.path("versions").fieldNames())
        .toIterable()
        .contains("longrope", "spark", "djl", "libtorch", "java");
    provenance
        .path("versions")
        .forEach(version -> assertThat(version.asText()).isNotEmpty().doesNotContain("${"));
    List<String> warnings = new ArrayList<>();
    FactorSet read = FactorFile.read(inProcess.resolve("factors.json"), warnings::add).longest();
    assertThat(warnings).isEmpty();
    assertThat(read.factors().isMonotone()).isTrue();
    assertThat(read.factors().pairs()).isEqualTo(TinyWorld.PAIRS);
  }

  @Test
  void summary_agreesWithTheJournal() {
    JsonNode json = Runs.json(inProcess.resolve("summary.json"));
    assertThat(json.path("methods").findValuesAsText("method"))
        .startsWith("none", "pi", "ntk", "yarn")
        .endsWith("found");
    JsonNode provenance = json.path("provenance");
    List<String> searched = texts(provenance.path("documents"));
    List<String> heldOut = texts(provenance.path("held_out_documents"));
    assertThat(searched).hasSize(3).doesNotContainAnyElementsOf(heldOut);
    assertThat(heldOut).hasSize(2);
    List<String> all = Stream.concat(searched.stream(), heldOut.stream()).toList();
    double least = Double.POSITIVE_INFINITY;
    for (JsonNode method : json.path("methods")) {
      double target = method.path("target_perplexity").asDouble();
      assertThat(target).isCloseTo(perplexity(method, searched, 128), withinPercentage(1e-10));
      assertThat(method.path("held_out_perplexity").asDouble())
          .isCloseTo(perplexity(method, heldOut, 128), withinPercentage(1e-10));
      assertThat(method.path("original_perplexity").asDouble())
          .isCloseTo(perplexity(method, all, 32), withinPercentage(1e-10));
      least = Math.min(least, target);
    }
    JsonNode found = json.path("methods").get(json.path("methods").size() - 1);
    JsonNode factors = Runs.json(inProcess.resolve("factors.json"));
    assertThat(found.path("rescale_factors")).isEqualTo(factors.path("long_factor"));
    assertThat(factors.at("/longrope/provenance/perplexity"))
        .isEqualTo(found.path("target_perplexity"));
    // PI and NTK with the search's own attention factor are among the seeds.
    assertThat(found.path("target_perplexity").asDouble()).isLessThanOrEqualTo(bestOfGenerations());
  }

  private static double bestOfGenerations() {
    return Runs.journalContents(inProcess).stream()
            .map(SearchRunTest::parse)
            .filter(record -> record.path("phase").asText().startsWith("generation"))
            .filter(record -> record.has("document"))
            .collect(
                java.util.stream.Collectors.groupingBy(record -> record.path("decision").asInt()))
            .values()
            .stream()
            .filter(records -> records.size() == 3)
            .mapToDouble(
                records ->
                    Math.exp(
                        records.stream().mapToDouble(r -> r.path("nll").asDouble()).sum()
                            / (3 * 127)))
            .min()
            .orElseThrow()
        * (1 + 1e-12);
  }

  private static double perplexity(JsonNode method, List<String> documents, int length) {
    double nll = 0;
    long tokens = 0;
    for (Runs.Scored one : Runs.evaluationsOf(inProcess).map(Runs.Scored::of).toList()) {
      Rescaling rescaling = one.task().rescaling();
      if (rescaling.factors().toList().equals(numbers(method.path("rescale_factors")))
          && rescaling.startTokens() == method.path("start_tokens").asInt()
          && rescaling.attentionFactor() == method.path("attention_factor").asDouble()
          && one.task().protocol().length() == length
          && documents.contains(one.task().documentId())) {
        nll += one.score().nll();
        tokens += one.score().tokens();
      }
    }
    assertThat(tokens).isEqualTo((long) documents.size() * (length - 1));
    return Math.exp(nll / tokens);
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(number -> numbers.add(number.asDouble()));
    return numbers;
  }

  private static JsonNode parse(String json) {
    try {
      return new com.fasterxml.jackson.databind.json.JsonMapper().readTree(json);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asText()));
    return texts;
  }
}
