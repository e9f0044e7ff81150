package org.longrope.driver.execution.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;

/** Loads of models, which are counted and can be delayed or made to fail. */
class ResidentModelsTest {
  private static final HadoopSettings HADOOP = new HadoopSettings(Map.of());
  private static final int WINDOW = 64;
  private static final Gpus CPU = new Gpus(List.of("fake-0"));

  @TempDir private Path folder;
  private final List<Path> loads = new CopyOnWriteArrayList<>();
  private volatile Hook beforeLoad = directory -> {};
  private ResidentModels models = registry(Long.MAX_VALUE);

  private interface Hook {
    void load(Path directory) throws InterruptedException;
  }

  private ResidentModels registry(long memoryBytes) {
    return new ResidentModels(this::load, memoryBytes);
  }

  private LoadedModel load(
      Checkpoint checkpoint, AttentionWindow window, int longestWindow, List<Device> devices) {
    loads.add(checkpoint.directory());
    try {
      beforeLoad.load(checkpoint.directory());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return new LoadedModel(
        ResidentModel.load(checkpoint, window, longestWindow, devices), checkpoint.directory());
  }

  @AfterEach
  void closeModels() {
    models.closeAll();
  }

  private Path model(int seed) {
    return TinyWorld.model(folder.resolve("model-" + seed), seed);
  }

  private static ModelSpec spec(Path model) {
    return spec(model, "config", WINDOW, 1);
  }

  private static ModelSpec spec(Path model, String window, int longestWindow, int threads) {
    String hash = Checkpoint.open(model).sha256();
    return new ModelSpec(model.toString(), hash, window, HADOOP, longestWindow, threads);
  }

  private static boolean isOpen(LoadedModel model) {
    try {
      return model.use(StopSignal.NEVER, stop -> true);
    } catch (ExecutorFault e) {
      return false;
    }
  }

  @Test
  void get_equalWeights_areLoadedOnceForAllPathsSettingsAndThreads() throws Exception {
    Path model = model(1);
    Path copy = folder.resolve("copy");
    FileUtils.copyDirectory(model.toFile(), copy.toFile());
    LoadedModel first = models.model(spec(model), CPU);
    assertThat(models.model(spec(copy), CPU)).isSameAs(first);
    assertThat(models.model(spec(model, "config", WINDOW, 2), CPU)).isSameAs(first);
    assertThat(models.model(spec(model), new Gpus(List.of("fake-1")))).isSameAs(first);
    ModelSpec given = spec(model);
    HadoopSettings other = new HadoopSettings(Map.of("fs.s3a.endpoint", "http://localhost"));
    assertThat(
            models.model(
                new ModelSpec(given.model(), given.modelHash(), "config", other, WINDOW, 1), CPU))
        .isSameAs(first);
    assertThat(loads).containsExactly(model);
  }

  @Test
  void get_otherWeightsOrWindow_loadsAnotherModel() {
    Path model = model(1);
    LoadedModel first = models.model(spec(model), CPU);
    assertThat(models.model(spec(model(2)), CPU)).isNotSameAs(first);
    assertThat(models.model(spec(model, "8", WINDOW, 1), CPU)).isNotSameAs(first);
    assertThat(models.model(spec(model, "config", 2 * WINDOW, 1), CPU)).isNotSameAs(first);
    assertThat(loads).hasSize(4);
  }

  @Test
  void get_byTwoThreads_loadsOnce() throws Exception {
    ModelSpec spec = spec(model(1));
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch proceed = new CountDownLatch(1);
    beforeLoad =
        directory -> {
          loading.countDown();
          proceed.await();
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<LoadedModel> one = threads.submit(() -> models.model(spec, CPU));
      loading.await();
      Future<LoadedModel> two = threads.submit(() -> models.model(spec, CPU));
      proceed.countDown();
      assertThat(one.get(1, TimeUnit.MINUTES)).isSameAs(two.get(1, TimeUnit.MINUTES));
    } finally {
      threads.shutdownNow();
    }
    assertThat(loads).hasSize(1);
  }

  @Test
  void get_whileAnotherModelLoads_doesNotWait() throws Exception {
    Path slow = model(1);
    Path quick = model(2);
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch quickLoaded = new CountDownLatch(1);
    beforeLoad =
        directory -> {
          if (directory.equals(slow)) {
            loading.countDown();
            quickLoaded.await();
          }
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<LoadedModel> waiting = threads.submit(() -> models.model(spec(slow), CPU));
      loading.await();
      // More keys than bins of a new hash map: some share a bin with the slow model.
      threads
          .submit(
              () -> {
                for (int window = 2; window < 34; window++) {
                  models.model(spec(quick, "config", window, 1), CPU);
                }
              })
          .get(1, TimeUnit.MINUTES);
      quickLoaded.countDown();
      assertThat(isOpen(waiting.get(1, TimeUnit.MINUTES))).isTrue();
    } finally {
      quickLoaded.countDown();
      threads.shutdownNow();
    }
  }

  @Test
  void get_afterAFailedLoad_loadsAgain() {
    ModelSpec spec = spec(model(1));
    beforeLoad =
        directory -> {
          throw BadInputException.of("The model does not fit.");
        };
    assertThatThrownBy(() -> models.model(spec, CPU))
        .isInstanceOf(ExecutorFault.class)
        .hasMessage("it cannot load the model: The model does not fit.");
    beforeLoad = directory -> {};
    assertThat(isOpen(models.model(spec, CPU))).isTrue();
  }

  @Test
  void get_modelWithOtherContent_isRejectedAndClosesNoOther() {
    LoadedModel first = models.model(spec(model(1)), CPU);
    Path other = model(2);
    ModelSpec spec = new ModelSpec(other.toString(), "0".repeat(64), "config", HADOOP, WINDOW, 1);
    assertThatThrownBy(() -> models.model(spec, CPU))
        .isInstanceOf(ExecutorFault.class)
        .hasMessageContaining(other + " has other content here (");
    assertThat(isOpen(first)).isTrue();
  }

  @Test
  void get_moreThanMemoryHolds_closesTheLeastRecentlyUsedFirst() {
    EvaluationCost cost =
        EvaluationCost.of(
            Checkpoint.open(model(1)).config(), AttentionWindow.CONFIG, DType.F32, false, WINDOW);
    models = registry(2 * cost.weightBytes() + cost.passBytes());
    LoadedModel first = models.model(spec(model(1)), CPU);
    LoadedModel second = models.model(spec(model(2)), CPU);
    assertThat(models.model(spec(model(1)), CPU)).isSameAs(first);
    LoadedModel third = models.model(spec(model(3)), CPU);
    assertThat(List.of(first, second, third))
        .extracting(ResidentModelsTest::isOpen)
        .containsExactly(true, false, true);
    assertThat(isOpen(models.model(spec(model(2)), CPU))).isTrue();
    assertThat(isOpen(first)).isFalse();
  }

  @Test
  void get_deviceWithoutRoom_closesIdleModelsUntilItFits() {
    LoadedModel first = models.model(spec(model(1)), CPU);
    LoadedModel second = models.model(spec(model(2)), CPU);
    LoadedModel used = models.model(spec(model(3)), CPU);
    beforeLoad =
        directory -> {
          if (isOpen(second)) {
            throw BadInputException.of("The model does not fit.");
          }
        };
    LoadedModel fourth = used.use(StopSignal.NEVER, stop -> models.model(spec(model(4)), CPU));
    assertThat(List.of(first, second, used, fourth))
        .extracting(ResidentModelsTest::isOpen)
        .containsExactly(false, false, true, true);
  }

  @Test
  void get_deviceWithoutRoomForAModelInUse_failsAndLeavesItOpen() {
    LoadedModel used = models.model(spec(model(1)), CPU);
    ModelSpec other = spec(model(2));
    beforeLoad =
        directory -> {
          throw BadInputException.of("The model does not fit.");
        };
    used.use(
        StopSignal.NEVER,
        stop -> {
          assertThatThrownBy(() -> models.model(other, CPU)).hasMessageContaining("does not fit");
          return used;
        });
    assertThat(isOpen(used)).isTrue();
  }

  @Test
  void remove_loadedModel_closesItAndLoadsAgain() {
    ModelSpec spec = spec(model(1));
    LoadedModel first = models.model(spec, CPU);
    models.remove(first);
    assertThat(isOpen(first)).isFalse();
    assertThat(models.model(spec, CPU)).isNotSameAs(first);
    models.closeAll();
    assertThat(loads).hasSize(2);
  }
}
