package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.worker.RemoteFiles;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.measure.benchmark.BenchmarkFixtures;
import org.longrope.driver.run.Runs;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Commands whose inputs and results are all on a file system other than this host's. */
class RemotePathsTest {
  private static final String CONF =
      "--conf=spark.hadoop.fs.remote.impl=" + RemoteFiles.class.getName();

  @TempDir static Path directory;
  private static Path there;

  @BeforeAll
  static void writeInputs() throws IOException {
    there = Files.createDirectories(directory.resolve("there"));
    TinyWorld.textModel(there.resolve("model"), 5);
    TinyWorld.partition(
        there.resolve("data"), TinyWorld.documents(4, 200, 7), there.resolve("model"));
    BenchmarkFixtures.all(there.resolve("benchmarks"));
    Files.writeString(there.resolve("text.txt"), "Fair is foul, and foul is fair. ".repeat(9));
    Files.writeString(there.resolve("ids.json"), TinyWorld.json(new int[70]));
    FactorFile.write(
        there.resolve("factors.json"),
        FactorSet.of(
            new Rescaling(RescaleFactors.uniform(TinyWorld.PAIRS, 2), 0, 1.05),
            Checkpoint.open(there.resolve("model")).config().rope(),
            2 * TinyWorld.WINDOW,
            null));
    System.setProperty("longrope.cache", directory.resolve("cache").toString());
  }

  @AfterAll
  static void forgetCache() {
    System.clearProperty("longrope.cache");
  }

  /** A path on the other file system. */
  private static String remote(String name) {
    return RemoteFiles.location(there.resolve(name));
  }

  private static Captured succeed(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.add(CONF);
    Captured run = Captured.run(all.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Path.of("remote:")).doesNotExist();
    return run;
  }

  private static List<String> names(String folder) throws IOException {
    try (Stream<Path> files = Files.list(there.resolve(folder))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void perplexity_readsAndWritesRemoteFiles() throws IOException {
    List<String> texts =
        List.of(
            "--text=" + remote("text.txt"),
            "--token-ids=" + remote("ids.json"),
            "--data=" + remote("data"));
    for (int t = 0; t < texts.size(); t++) {
      String output = "perplexity-" + t;
      String[] words = {
        "perplexity",
        "--model=" + remote("model"),
        texts.get(t),
        "--length=64",
        "--factors=" + remote("factors.json"),
        "--threads=1",
        "--output=" + remote(output),
        "--json=" + remote(output + ".json")
      };
      succeed(words);
      assertThat(names(output)).containsExactly("log", "perplexity.csv", "perplexity.json");
      assertThat(Runs.json(there.resolve(output + ".json")).path("results")).isNotEmpty();
      assertThat(succeed(words).err()).contains("has all results");
    }
  }

  @Test
  void perplexity_onSpark_computesWhatItComputesOnTheLocalCopy() {
    String json = "spark.json";
    succeed(
        "perplexity",
        "--model=" + remote("model"),
        "--data=" + remote("data"),
        "--length=64",
        "--master=local[2]",
        "--json=" + remote(json));
    Path local = directory.resolve("local.json");
    succeed(
        "perplexity",
        "--model=" + there.resolve("model"),
        "--data=" + there.resolve("data"),
        "--length=64",
        "--master=local[2]",
        "--json=" + local);
    assertThat(Runs.json(there.resolve(json)).path("results"))
        .isEqualTo(Runs.json(local).path("results"));
  }

  @Test
  void passkey_readsAndWritesRemoteFiles() throws IOException {
    succeed(
        "passkey",
        "--model=" + remote("model"),
        "--length=300",
        "--depths=1",
        "--trials=1",
        "--needle",
        "--factors=" + remote("factors.json"),
        "--threads=1",
        "--output=" + remote("passkey"),
        "--json=" + remote("passkey.json"),
        "--plot=" + remote("passkey.png"));
    assertThat(names("passkey"))
        .containsExactly("log", "passkey.csv", "passkey.json", "passkey.png");
    assertThat(there.resolve("passkey.json"))
        .hasSameTextualContentAs(there.resolve("passkey/passkey.json"));
    assertThat(there.resolve("passkey.png"))
        .hasSameBinaryContentAs(there.resolve("passkey/passkey.png"));
  }

  @Test
  void benchmark_readsAndWritesRemoteFiles() throws IOException {
    succeed(
        "benchmark",
        "--model=" + remote("model"),
        "--benchmarks=" + remote("benchmarks"),
        "--shots=arc_challenge=1,hellaswag=1,mmlu=1",
        "--target-length=4096",
        "--method=pi",
        "--threads=1",
        "--output=" + remote("benchmark"),
        "--json=" + remote("benchmark.json"),
        "--items=" + remote("items.jsonl"));
    assertThat(names("benchmark")).containsExactly("benchmark.json", "items.jsonl", "log");
    assertThat(there.resolve("items.jsonl"))
        .hasSameTextualContentAs(there.resolve("benchmark/items.jsonl"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hf config.json", "csv factors.csv", "gguf factors.gguf"})
  void export_readsAndWritesRemoteFiles(String formatAndName) {
    String[] words = formatAndName.split(" ");
    succeed(
        "export",
        "--factors=" + remote("factors.json"),
        "--model=" + remote("model"),
        "--format=" + words[0],
        "--output=" + remote("export/" + words[1]));
    assertThat(there.resolve("export/" + words[1])).isNotEmptyFile();
  }

  @Test
  void tokenizerAndTraining_readAndWriteRemoteFiles() throws IOException {
    succeed(
        "tokenizer",
        "--input=" + remote("text.txt"),
        "--format=text",
        "--vocab-size=300",
        "--output=" + remote("tokenizer"));
    assertThat(names("tokenizer")).containsExactly("tokenizer.json");
    succeed(
        "prepare",
        "--input=" + remote("text.txt"),
        "--format=text",
        "--tokenizer=" + remote("tokenizer"),
        "--master=local[1]",
        "--output=" + remote("prepared"));
    succeed(
        "train",
        "--data=" + remote("prepared"),
        "--tokenizer=" + remote("tokenizer"),
        "--output=" + remote("trained"),
        "--hidden-size=32",
        "--intermediate-size=48",
        "--layers=1",
        "--window=32",
        "--batch-size=2",
        "--steps=2",
        "--warmup-steps=0",
        "--threads=1");
    assertThat(names("trained"))
        .contains("config.json", "model.safetensors", "tokenizer.json", "training.csv");
    succeed(
        "train",
        "--data=" + remote("prepared"),
        "--model=" + remote("trained"),
        "--output=" + remote("trained-on"),
        "--batch-size=2",
        "--steps=1",
        "--warmup-steps=0",
        "--threads=1");
    assertThat(Checkpoint.open(there.resolve("trained-on")).config())
        .isEqualTo(Checkpoint.open(there.resolve("trained")).config());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--threads=1", "--replicas=1"})
  void finetune_readsAndWritesRemoteFiles(String where) throws IOException {
    String output = "tuned" + where;
    succeed(
        "finetune",
        "--model=" + remote("model"),
        "--data=" + remote("data"),
        "--factors=" + remote("factors.json"),
        "--steps=2",
        "--length=64",
        "--batch-size=2",
        "--warmup-steps=1",
        "--output=" + remote(output),
        where,
        "--master=local[1]");
    assertThat(names(output))
        .contains("config.json", "factors.json", "model.safetensors", "training.json");
    assertThat(Checkpoint.open(there.resolve(output)).isExtended()).isTrue();
  }

  @Test
  void adapterOfARemoteModel_namesTheModelWhereItIs() {
    succeed(
        "finetune",
        "--model=" + remote("model"),
        "--data=" + remote("data"),
        "--factors=" + remote("factors.json"),
        "--steps=1",
        "--length=64",
        "--batch-size=1",
        "--warmup-steps=0",
        "--lora-rank=2",
        "--adapter",
        "--output=" + remote("adapter"),
        "--threads=1");
    assertThat(
            Runs.json(there.resolve("adapter/adapter_config.json"))
                .path("base_model_name_or_path")
                .asText())
        .startsWith("remote:/")
        .endsWith("/there/model");
  }

  @Test
  void searchAndReport_readAndWriteRemoteFiles() throws IOException {
    Files.writeString(
        there.resolve("run.conf"),
        """
        search {
          model = "%s", data = "%s", output = "%s", start-from = ["%s"]
          target-length = 128, documents = 2, held-out-documents = 1
          population = 4, parents = 2, mutations = 1, crossovers = 1, iterations = 1
        }
        """
            .formatted(remote("model"), remote("data"), remote("run"), remote("factors.json")));
    succeed("search", "--config=" + remote("run.conf"), "--master=local[1]");
    assertThat(names("run")).contains("factors.json", "summary.json");
    assertThat(succeed("status", remote("run")).out()).isNotBlank();
    succeed(
        "report",
        remote("run"),
        "--published=" + remote("factors.json"),
        "--output=" + remote("report"));
    assertThat(there.resolve("report/report.html")).content().contains("published factors.json");
  }

  @Test
  void measurementsOfTheHost_readAndWriteRemoteFiles() {
    assertThat(succeed("bench", "forecast", "--model=" + remote("model"), "--length=64").out())
        .contains("64");
    succeed(
        "bench",
        "evaluator",
        "--model=" + remote("model"),
        "--length=64",
        "--json=" + remote("evaluator.json"));
    assertThat(Runs.json(there.resolve("evaluator.json")).path("rows")).hasSize(1);
    succeed("bench", "archive", "--model=" + remote("model"), "--output=" + remote("decoder.pt"));
    assertThat(there.resolve("decoder.pt")).isNotEmptyFile();
  }

  @Test
  void recipe_readsRemoteFiles() throws IOException {
    Files.writeString(
        there.resolve("recipe.conf"),
        """
        steps {
          short { command = perplexity, model = "%s", data = "%s", length = 64, factors = "%s" }
          config { command = export, model = "%s", factors = "%s", format = hf }
        }
        """
            .formatted(
                remote("model"),
                remote("data"),
                remote("factors.json"),
                remote("model"),
                remote("factors.json")));
    succeed(
        "extend",
        "--recipe=" + remote("recipe.conf"),
        "--output=" + directory.resolve("extended"),
        "--master=local[1]");
    assertThat(directory.resolve("extended/short/perplexity.json")).isNotEmptyFile();
  }
}
