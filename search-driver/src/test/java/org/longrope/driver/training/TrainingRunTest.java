package org.longrope.driver.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Device;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.worker.RemoteFiles;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.driver.store.files.WorkingCopy;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.training.LearningRateDecay;
import org.longrope.eval.training.Replicas;
import org.longrope.eval.training.TokenStream;
import org.longrope.eval.training.Trainer;
import org.longrope.eval.training.TrainingPlan;

@Tag("numeric")
class TrainingRunTest {
  private static final TrainingPlan PLAN =
      new TrainingPlan(16, 4, 2, 6, 1e-2, 2, LearningRateDecay.LINEAR, 0.1, 1, 5, false);

  @TempDir Path directory;
  private Path model;

  @BeforeEach
  void writeModel() {
    Libtorch.useOperatorThreads(TinyWorld.THREADS);
    model = TinyWorld.model(directory.resolve("model"), 4);
  }

  private void train(Path output, TrainingPlan plan, String data, Consumer<Trainer.Step> listener)
      throws IOException {
    train(StoredFile.of(output), plan, data, listener);
  }

  private void train(
      StoredFile output, TrainingPlan plan, String data, Consumer<Trainer.Step> listener)
      throws IOException {
    train(output, plan, data, Replicas.ONE, listener);
  }

  private void train(
      StoredFile output,
      TrainingPlan plan,
      String data,
      Replicas replicas,
      Consumer<Trainer.Step> listener)
      throws IOException {
    TokenStream stream = TokenStream.of(TinyWorld.documents(3, 100, 2), OptionalInt.empty());
    BaseModel origin = new BaseModel.Continued(Checkpoint.open(model), model.toString());
    try (WorkingCopy folder = WorkingCopy.of(output)) {
      new TrainingRun(Training.plain(origin, plan), stream, folder)
          .run(data, 2, DType.F32, false, 1, replicas, Device.cpu(), listener);
    }
  }

  private static void stopAt(int step, Trainer.Step now) {
    if (now.step() == step) {
      throw new IllegalStateException("killed");
    }
  }

  @Test
  void run_afterInterruption_endsWithTheSameBytes() throws IOException {
    Path straight = directory.resolve("straight");
    train(straight, PLAN, "data", step -> {});
    for (int last : new int[] {1, 2, 5}) {
      Path broken = directory.resolve("broken-" + last);
      assertThatThrownBy(() -> train(broken, PLAN, "data", step -> stopAt(last, step)))
          .hasMessage("killed");
      assertThat(broken.resolve("model.safetensors")).doesNotExist();
      train(broken, PLAN, "data", step -> {});
      for (String file :
          new String[] {"model.safetensors", "config.json", "training.json", "training.csv"}) {
        assertThat(broken.resolve(file)).hasSameBinaryContentAs(straight.resolve(file));
      }
      assertThat(broken.resolve("training-state.safetensors")).doesNotExist();
    }
    assertThat(Files.readAllLines(straight.resolve("training.csv"))).hasSize(6);
    assertThat(straight.resolve("training.json"))
        .content()
        .contains("\"dtype\": \"f32\"", "\"threads\": 1", "\"libtorch\": ");
    assertThat(Checkpoint.open(straight).config()).isEqualTo(Checkpoint.open(model).config());
  }

  @Test
  void run_afterInterruptionOnAnotherFileSystem_endsWithTheSameBytes() throws IOException {
    Path straight = directory.resolve("straight-local");
    train(straight, PLAN, "data", step -> {});
    for (int last : new int[] {1, 5}) {
      Path there = directory.resolve("remote-" + last);
      StoredFile output = FileLocation.parse(RemoteFiles.location(there)).on(RemoteFiles.hadoop());
      assertThatThrownBy(() -> train(output, PLAN, "data", step -> stopAt(last, step)))
          .hasMessage("killed");
      assertThat(Files.exists(there.resolve("training-state.safetensors"))).isEqualTo(last > 2);
      int[] steps = {0};
      train(output, PLAN, "data", step -> steps[0]++);
      assertThat(steps[0]).isEqualTo(last > 2 ? 2 : 6);
      for (String file :
          new String[] {"model.safetensors", "config.json", "training.json", "training.csv"}) {
        assertThat(there.resolve(file)).hasSameBinaryContentAs(straight.resolve(file));
      }
      assertThat(there.resolve("training-state.safetensors")).doesNotExist();
      assertThatThrownBy(() -> train(output, PLAN, "data", step -> {}))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("already holds a model");
    }
  }

  @Test
  void run_withAnotherPlanOrData_isRejected() throws IOException {
    Path output = directory.resolve("output");
    assertThatThrownBy(() -> train(output, PLAN, "data", step -> stopAt(3, step)))
        .hasMessage("killed");
    TrainingPlan other =
        new TrainingPlan(16, 4, 2, 7, 1e-2, 2, LearningRateDecay.LINEAR, 0.1, 1, 5, false);
    assertThatThrownBy(() -> train(output, other, "data", step -> {}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("other options, model or data");
    assertThatThrownBy(() -> train(output, PLAN, "other", step -> {}))
        .isInstanceOf(BadInputException.class);
    train(output, PLAN, "data", step -> {});
  }

  @Test
  void run_ofAFinishedTraining_isNotRepeated() throws IOException {
    Path output = directory.resolve("output");
    train(output, PLAN, "data", step -> {});
    assertThatThrownBy(() -> train(output, PLAN, "data", step -> {}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("already holds a model");
  }

  /** Trains as one of two replicas, with a directory of its own, until it ends or fails. */
  private @Nullable Throwable replica(Path output, SocketReplicas replicas, int stopAt) {
    try (replicas) {
      return catchThrowable(
          () -> train(StoredFile.of(output), PLAN, "data", replicas, step -> stopAt(stopAt, step)));
    }
  }

  private List<@Nullable Throwable> twoReplicas(Path first, Path second, int stopAt)
      throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (ServerSocket door = SocketReplicas.door(InetAddress.getLoopbackAddress())) {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), door.getLocalPort());
      Future<@Nullable Throwable> failure =
          other.submit(() -> replica(second, SocketReplicas.other(address, 1, 2, 7), stopAt));
      Throwable own = replica(first, SocketReplicas.first(door, 2, 7), stopAt);
      return Arrays.asList(own, failure.get(60, TimeUnit.SECONDS));
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void run_replicasWithDifferentStates_areRejected() throws Exception {
    Path shared = directory.resolve("shared");
    assertThat(twoReplicas(shared, shared, 3))
        .allSatisfy(failure -> assertThat(failure).hasMessage("killed"));
    assertThat(twoReplicas(shared, directory.resolve("not-shared"), PLAN.steps() + 1))
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("give --output a directory that all of them share"));
    assertThat(twoReplicas(shared, shared, PLAN.steps() + 1)).containsOnlyNulls();
    assertThat(shared.resolve("model.safetensors")).exists();
  }
}
