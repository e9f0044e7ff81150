package org.longrope.driver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.LocalTaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.worker.RemoteFiles;
import org.longrope.driver.run.ObjectStore;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.eval.BadInputException;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Logs of measurements, and the store that computes what they lack. */
class MeasurementLogTest {
  private static final List<EvaluationTask> TASKS =
      IntStream.range(0, 8)
          .mapToObj(
              number ->
                  new EvaluationTask(
                      new Rescaling(RescaleFactors.of(1, 2), 0, 1),
                      "document-" + number,
                      new Protocol.Truncated(64)))
          .toList();

  private final List<String> warnings = new ArrayList<>();
  private final List<EvaluationTask> executed = new ArrayList<>();
  @TempDir private Path folder;

  private static ObjectNode identity(int seed) {
    ObjectNode identity = JsonNodeFactory.instance.objectNode().put("test", "sums");
    identity.put("seed", seed).putArray("factors").add(1.0).add(2.5);
    return identity;
  }

  private Path output() {
    return folder.resolve("deep/measured");
  }

  private static MeasurementLog open(String location, Configuration hadoop, int seed) {
    return MeasurementLog.open(
        HadoopDirectory.at(location, "an output directory", hadoop),
        new NumberedTasks(TASKS),
        identity(seed));
  }

  private MeasurementLog open(int seed) {
    return open(output().toString(), new Configuration(), seed);
  }

  private static TaskResult.Completed<DocumentScore> scored(EvaluationTask task, String hardware) {
    double nll = (1 + TASKS.indexOf(task)) / 3.0;
    return task.completed(new DocumentScore(task.documentId(), nll, 63, 0.5), "f32", hardware);
  }

  /** Computes what a log lacks of the first tasks. */
  private void collect(MeasurementLog log, int tasks, String type, String hardware) {
    log.claim();
    LocalTaskExecutor executor =
        new LocalTaskExecutor(
            task -> {
              executed.add((EvaluationTask) task);
              return ((EvaluationTask) task)
                  .completed(scored((EvaluationTask) task, hardware).value(), type, hardware);
            });
    new ResultStore(executor, log, Duration.ZERO, warnings::add, result -> {})
        .collect(List.of(TaskGroup.of("test", "all", TASKS.subList(0, tasks))));
  }

  private void collect(MeasurementLog log, int tasks) {
    collect(log, tasks, "f32", "AMD AVX512");
  }

  private static void assertResults(MeasurementLog log, int tasks) {
    assertThat(log.results()).hasSize(tasks);
    for (EvaluationTask task : TASKS.subList(0, tasks)) {
      assertThat(log.result(task)).isEqualTo(scored(task, "AMD AVX512"));
    }
  }

  @Test
  void results_ofAnEarlierProcess_areReadToTheLastBitAndNotComputedAgain() {
    try (MeasurementLog log = open(7)) {
      collect(log, 3);
    }
    executed.clear();
    try (MeasurementLog log = open(7)) {
      assertResults(log, 3);
      assertThat(log.computeType()).isEqualTo("f32");
      collect(log, 5);
      assertResults(log, 5);
    }
    assertThat(executed).isEqualTo(TASKS.subList(3, 5));
  }

  @Test
  void logInMemory_hasTheResultsAndWritesNothing() {
    try (MeasurementLog log = MeasurementLog.inMemory(new NumberedTasks(TASKS))) {
      assertThat(log.computeType()).isNull();
      collect(log, 4);
      assertResults(log, 4);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void directoryWithoutResults_canHoldAnotherMeasurement() {
    try (MeasurementLog log = open(7)) {
      assertThat(output()).doesNotExist();
      log.claim();
    }
    try (MeasurementLog log = open(8)) {
      collect(log, 1);
    }
    assertThatThrownBy(() -> open(7)).isInstanceOf(BadInputException.class);
  }

  @Test
  void segment_cutAtAnyByte_losesTheCutResultOnly() throws IOException {
    try (MeasurementLog log = open(7)) {
      collect(log, 3);
    }
    Path segment = output().resolve("log/segment-000000.jsonl");
    byte[] whole = Files.readAllBytes(segment);
    for (int bytes = 0; bytes <= whole.length; bytes += 5) {
      Files.write(segment, Arrays.copyOf(whole, bytes));
      String text = new String(whole, 0, bytes, StandardCharsets.UTF_8);
      long lines = text.chars().filter(c -> c == '\n').count();
      try (MeasurementLog log = open(7)) {
        assertResults(log, (int) Math.max(0, lines - 2));
        collect(log, 3);
      }
      try (MeasurementLog log = open(7)) {
        assertResults(log, 3);
      }
      Files.delete(output().resolve("log/segment-000001.jsonl"));
    }
  }

  @Test
  void resultsOfAnotherMeasurement_areRefusedByTheFieldThatDiffers() {
    try (MeasurementLog log = open(7)) {
      collect(log, 2);
    }
    assertThatThrownBy(() -> open(8))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "%s holds the results of another measurement (seed: 7 there, 8 here): expected the"
                + " command that began it; choose another --output.",
            output());
  }

  @Test
  void damagedRecord_isRefusedByItsLine() throws IOException {
    try (MeasurementLog log = open(7)) {
      collect(log, 3);
    }
    Path segment = output().resolve("log/segment-000000.jsonl");
    Files.writeString(segment, Files.readString(segment).replaceFirst("0\\.33", "0.3x"));
    assertThatThrownBy(() -> open(7))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Line 3 of " + segment + " is damaged");
  }

  @Test
  void directoryOfSomethingElse_isRefusedAndLeftAlone() throws IOException {
    Files.createDirectories(output());
    Files.writeString(output().resolve("thesis.txt"), "mine");
    FileLocation place = FileLocation.of(output());
    assertThatThrownBy(() -> MeasurementLog.requireUsable(place.on(new Configuration())))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("holds no log of a measurement");
    Files.move(output().resolve("thesis.txt"), output().resolve("answers.jsonl"));
    assertThatThrownBy(() -> MeasurementLog.requireUsable(place.on(new Configuration())))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("answers.jsonl of an earlier version");
  }

  @Test
  void resultsOfAnotherType_areNotMixed() {
    try (MeasurementLog log = open(7)) {
      collect(log, 2);
      assertThatThrownBy(() -> collect(log, 4, "bf16", "GPU"))
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageContaining("computed in f32 and an executor computes in bf16");
      assertResults(log, 2);
    }
  }

  @Test
  void hardwareOfAnotherKind_isWarnedOfOnce() {
    try (MeasurementLog log = open(7)) {
      collect(log, 2);
      collect(log, 4, "f32", "Intel AVX2");
    }
    assertThat(warnings).singleElement().asString().contains("AMD AVX512", "Intel AVX2");
  }

  private List<String> otherPlaces() {
    return List.of(
        RemoteFiles.location(output().resolve("flushes")),
        ObjectStore.location(output().resolve("store")));
  }

  private static Configuration otherFileSystems() {
    Configuration hadoop = RemoteFiles.hadoop();
    hadoop.set("fs.store.impl", ObjectStore.class.getName());
    return hadoop;
  }

  @Test
  void log_onAnotherFileSystem_isReadByALaterProcess() {
    for (String place : otherPlaces()) {
      try (MeasurementLog log = open(place, otherFileSystems(), 7)) {
        collect(log, 3);
      }
      try (MeasurementLog log = open(place, otherFileSystems(), 7)) {
        assertResults(log, 3);
        collect(log, 4);
      }
      try (MeasurementLog log = open(place, otherFileSystems(), 7)) {
        assertResults(log, 4);
      }
    }
  }

  @Test
  void olderOfTwoProcesses_stops() {
    List<String> places = new ArrayList<>(otherPlaces());
    places.add(output().resolve("local").toString());
    for (String place : places) {
      try (MeasurementLog older = open(place, otherFileSystems(), 7)) {
        collect(older, 1);
        try (MeasurementLog newer = open(place, otherFileSystems(), 7)) {
          collect(newer, 2);
          assertThatThrownBy(
                  () -> older.append(scored(TASKS.get(5), "GPU"), TaskGroup.of("", "", List.of())))
              .isInstanceOf(ExecutionFailure.class)
              .hasMessageContaining("Another process works on");
        }
      }
    }
  }
}
