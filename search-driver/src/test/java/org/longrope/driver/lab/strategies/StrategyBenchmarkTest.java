package org.longrope.driver.lab.strategies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.lab.strategies.TinyLaboratory.Counting;
import org.longrope.driver.run.Runs;
import org.longrope.eval.BadInputException;

/** A comparison that is stopped anywhere and goes on ends as if it had not been. */
class StrategyBenchmarkTest {
  private static final int SEEDS = 2;
  private static final List<String> RESULTS = List.of("comparison.txt", "trajectories.csv");

  @TempDir static Path directory;
  private static Path file;
  private static Path unbroken;
  private static ComparisonReport findings;
  private static Counting evaluated;

  @BeforeAll
  static void compareWithoutABreak() {
    file = TinyLaboratory.file(directory);
    unbroken = directory.resolve("unbroken");
    evaluated = new Counting(-1);
    findings = TinyLaboratory.run(file, unbroken, SEEDS, evaluated);
  }

  private static void assertLikeUnbroken(Path output) {
    for (String result : RESULTS) {
      assertThat(output.resolve(result)).hasSameTextualContentAs(unbroken.resolve(result));
    }
  }

  @Test
  void run_finished_leavesRunsTableTrajectoriesAndPlot() {
    assertThat(TinyLaboratory.files(unbroken))
        .contains(
            "comparison.txt",
            "trajectories.csv",
            "tiny.png",
            "tiny/held-out/log/segment-000000.jsonl",
            "tiny/paper/seed-1/factors.json",
            "tiny/paper/seed-2/summary.json",
            "tiny/short/seed-2/run.json");
    assertThat(Runs.text(unbroken.resolve("comparison.txt"))).isEqualTo(findings.toText());
    assertThat(findings.toText())
        .contains("tiny: 128 tokens, 2 documents held out, yarn ")
        .containsPattern("paper +2 +0\\.\\d+ ")
        .containsPattern("short +2 ");
    List<String> lines = Runs.text(unbroken.resolve("trajectories.csv")).lines().toList();
    assertThat(lines.get(0))
        .isEqualTo("problem,strategy,seed,evaluated_tokens,search_perplexity,held_out_perplexity");
    assertThat(lines.subList(1, lines.size()))
        .allSatisfy(
            line -> assertThat(line).matches("tiny,(paper|short),[12],\\d+,[\\d.]+,[\\d.]+"));
  }

  /** Checks that a strategy that reads every document twice also does no more than announced. */
  @Test
  void objective_ofAStrategy_isKept() throws IOException {
    TinyWorld world = TinyWorld.shared();
    Path both =
        TinyLaboratory.write(
            Files.createDirectories(directory.resolve("both")),
            """
            problems { tiny { model = "%s", data = "%s", held-out = "%s", target-length = 128 } }
            strategies {
              paper { documents = 2, population = 6, parents = 3, mutations = 2, crossovers = 2, iterations = 1 }
              both = ${strategies.paper} { objective = long-and-short }
            }
            reference = paper
            """
                .formatted(world.model(), world.data(), TinyLaboratory.heldOut()));
    Path output = directory.resolve("both-output");
    ComparisonReport compared = TinyLaboratory.run(both, output, 1, new Counting(-1));
    assertThat(compared.toText()).containsPattern("both +1 ");
    assertThat(TinyLaboratory.files(output))
        .contains("tiny/both/seed-1/front.png")
        .doesNotContain("tiny/paper/seed-1/front.png");
  }

  @Test
  void json_finishedRuns_hasRowsAndProvenance() {
    JsonNode json = findings.toJson();
    assertThat(json.fieldNames()).toIterable().containsExactly("rows", "provenance");
    assertThat(json.get("rows")).hasSize(2);
    for (JsonNode row : json.get("rows")) {
      assertThat(row.fieldNames())
          .toIterable()
          .containsExactly(
              "problem",
              "strategy",
              "seeds",
              "tokens_ratio_to_reference",
              "interval",
              "final_perplexity",
              "reference_perplexity");
      assertThat(row.get("problem").asText()).isEqualTo("tiny");
      assertThat(row.get("seeds").asInt()).isEqualTo(SEEDS);
      assertThat(row.get("interval")).hasSize(2);
    }
    JsonNode paper = json.get("rows").get(0);
    assertThat(paper.get("strategy").asText()).isEqualTo("paper");
    assertThat(paper.get("tokens_ratio_to_reference").asDouble()).isBetween(0.0, 1.0);
    assertThat(paper.get("final_perplexity")).isEqualTo(paper.get("reference_perplexity"));

    JsonNode problem = json.get("provenance").get("problems").get("tiny");
    assertThat(problem.get("model_sha256").asText()).hasSize(64);
    assertThat(problem.get("partition_sha256").asText()).hasSize(64);
    assertThat(problem.get("held_out_partition_sha256").asText()).hasSize(64);
    assertThat(problem.get("held_out_perplexity").get("yarn").asDouble()).isPositive();
    JsonNode ofShort = problem.get("strategies").get("short");
    assertThat(ofShort.get("settings").get("iterations").asInt()).isEqualTo(1);
    assertThat(ofShort.get("settings").has("seed")).isFalse();
    assertThat(ofShort.get("evaluated_tokens").get("2").asLong()).isPositive();
    assertThat(json.get("provenance").get("versions").get("longrope").asText()).isNotEmpty();
  }

  @Test
  void run_again_evaluatesNothing() {
    Counting again = new Counting(-1);
    ComparisonReport same = TinyLaboratory.run(file, unbroken, SEEDS, again);
    assertThat(again.asked()).isEmpty();
    assertThat(same.toText()).isEqualTo(findings.toText());
    assertThat(same.toJson()).isEqualTo(findings.toJson());
  }

  /**
   * Allows one evaluation twice: it shows later searches the kind of hardware of the process that
   * resumed.
   */
  @Test
  void run_killedAtAnyPoint_resumesAndRepeatsAtMostOneEvaluation() {
    int all = evaluated.asked().size();
    for (int killed : new int[] {0, all / 3, 2 * all / 3, all - 1}) {
      Path output = directory.resolve("killed-after-" + killed);
      Counting dying = new Counting(killed);
      assertThatThrownBy(() -> TinyLaboratory.run(file, output, SEEDS, dying)).hasMessage("killed");
      Counting rest = new Counting(-1);
      TinyLaboratory.run(file, output, SEEDS, rest);
      assertThat(dying.asked().size() + rest.asked().size()).isBetween(all, all + 1);
      assertLikeUnbroken(output);
    }
  }

  @Test
  void run_killedSeveralTimes_endsLikeAnUninterruptedOne() {
    Path output = directory.resolve("killed-often");
    int kills = 0;
    for (boolean done = false; !done; ) {
      try {
        TinyLaboratory.run(file, output, SEEDS, new Counting(evaluated.asked().size() / 4));
        done = true;
      } catch (IllegalStateException e) {
        assertThat(e).hasMessage("killed");
        kills++;
      }
    }
    assertThat(kills).isGreaterThan(2);
    assertLikeUnbroken(output);
  }

  @Test
  void heldOutDocuments_areReadOnceForEachRescaling() {
    List<String> answers =
        Runs.text(unbroken.resolve("tiny/held-out/log/segment-000000.jsonl"))
            .lines()
            .map(line -> line.substring(9))
            .toList();
    assertThat(answers).hasSizeGreaterThan(4).doesNotHaveDuplicates();
  }

  @Test
  void run_strategyWithoutReference_isComparedOnceTheReferenceIsFinished() {
    Path output = directory.resolve("alone");
    ComparisonReport alone = TinyLaboratory.run(file, output, 1, new Counting(-1), "short");
    JsonNode row = alone.toJson().get("rows").get(0);
    assertThat(row.get("tokens_ratio_to_reference").isNull()).isTrue();
    assertThat(row.get("interval").isNull()).isTrue();
    assertThat(row.get("reference_perplexity").isNull()).isTrue();
    assertThat(row.get("final_perplexity").asDouble()).isPositive();
    assertThat(output.resolve("tiny/paper")).doesNotExist();

    TinyLaboratory.run(file, output, 1, new Counting(-1), "paper");
    ComparisonReport beside = TinyLaboratory.run(file, output, 1, new Counting(-1), "short");

    assertThat(beside.toJson().get("rows")).hasSize(1);
    assertThat(beside.toJson().get("rows").get(0).get("reference_perplexity").asDouble())
        .isPositive();
  }

  @Test
  void reference_ofOneSeed_isComparedWithAllSeeds() {
    Path output = directory.resolve("one-reference");
    TinyLaboratory.run(file, output, 1, new Counting(-1), "paper");

    ComparisonReport findings = TinyLaboratory.run(file, output, SEEDS, new Counting(-1), "short");

    JsonNode row = findings.toJson().get("rows").get(0);
    assertThat(row.get("seeds").asInt()).isEqualTo(SEEDS);
    assertThat(row.get("reference_perplexity").isNumber()).isTrue();
    assertThat(output.resolve("tiny/paper")).isDirectoryNotContaining("glob:**seed-2");
  }

  @Test
  void run_moreSeeds_keepsFinishedRuns() {
    Path output = directory.resolve("seeds");
    TinyLaboratory.run(file, output, 1, new Counting(-1));
    TinyLaboratory.run(file, output, SEEDS, new Counting(-1));
    assertLikeUnbroken(output);
  }

  @Test
  void otherSettingsThanThoseBegunWith_areRefusedBeforeAnyWork() throws IOException {
    Path changed = Files.createDirectories(directory.resolve("changed"));
    String text = Runs.text(file).replace("{ iterations = 1 }", "{ iterations = 2 }");
    Counting none = new Counting(0);
    assertThatThrownBy(
            () -> TinyLaboratory.run(TinyLaboratory.write(changed, text), unbroken, SEEDS, none))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("short/seed-1 holds a run with other settings");
  }

  @Test
  void otherModelThanThatBegunWith_isRefusedBeforeAnyWork() throws IOException {
    Path changed = Files.createDirectories(directory.resolve("other-model"));
    Path model = TinyWorld.model(changed.resolve("model"), 77);
    String text = Runs.text(file).replace(TinyWorld.shared().model().toString(), model.toString());
    Counting none = new Counting(0);
    assertThatThrownBy(
            () -> TinyLaboratory.run(TinyLaboratory.write(changed, text), unbroken, SEEDS, none))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("was measured with another model");
  }
}
