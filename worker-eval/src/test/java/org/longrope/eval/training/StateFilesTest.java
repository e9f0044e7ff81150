package org.longrope.eval.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.RowRange;
import org.longrope.eval.checkpoint.SafetensorsFile;
import org.longrope.eval.checkpoint.SafetensorsWriter;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.TestThreads;

@Tag("numeric")
class StateFilesTest {
  private static final TrainingPlan PLAN =
      new TrainingPlan(12, 4, 2, 6, 0.01, 2, LearningRateDecay.LINEAR, 0.1, 0.5, 1, false);

  @TempDir Path directory;

  private final TokenStream data = Trainings.randomStream();

  @BeforeAll
  static void useTestThreads() {
    TestThreads.useForTraining();
  }

  private static TrainingState run(Trainer trainer, int steps) {
    for (int i = 0; i < steps; i++) {
      trainer.next();
    }
    return trainer.state();
  }

  private static void assertSameBits(
      Map<String, FloatTensor> actual, Map<String, FloatTensor> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, tensor) -> {
          assertThat(actual.get(name).shape()).isEqualTo(tensor.shape());
          assertThat(bits(actual.get(name))).as(name).isEqualTo(bits(tensor));
        });
  }

  private static int[] bits(FloatTensor tensor) {
    int[] bits = new int[tensor.values().length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(tensor.values()[i]));
    return bits;
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA", "QWEN2", "PHI3"})
  void load_resumedTraining_endsWithTheBitsOfAnUninterruptedOne(Architecture architecture)
      throws IOException {
    Checkpoint checkpoint = architecture.open(directory, 1);
    Path file = directory.resolve("state");
    TrainingState unbroken;
    try (Trainer trainer = Trainings.trainer(checkpoint, PLAN, data, Trainings.begin(checkpoint))) {
      unbroken = run(trainer, 6);
    }
    try (Trainer trainer = Trainings.trainer(checkpoint, PLAN, data, Trainings.begin(checkpoint))) {
      StateFiles.save(file, run(trainer, 3), "plan");
    }
    TrainingState loaded = StateFiles.load(file, "plan");
    assertThat(loaded.step()).isEqualTo(3);
    try (Trainer trainer = Trainings.trainer(checkpoint, PLAN, data, loaded)) {
      TrainingState resumed = run(trainer, 3);
      assertThat(resumed.step()).isEqualTo(6);
      assertSameBits(resumed.weights(), unbroken.weights());
      assertSameBits(resumed.firstMoments(), unbroken.firstMoments());
      assertSameBits(resumed.secondMoments(), unbroken.secondMoments());
      StateFiles.save(directory.resolve("resumed"), resumed, "plan");
      StateFiles.save(directory.resolve("unbroken"), unbroken, "plan");
      assertThat(directory.resolve("resumed"))
          .hasSameBinaryContentAs(directory.resolve("unbroken"));
    }
  }

  private Path savedState() throws IOException {
    FloatTensor tensor = new FloatTensor(List.of(2L), new float[] {1, 2});
    Path file = directory.resolve("state");
    Map<String, FloatTensor> one = Map.of("a/b", tensor);
    StateFiles.save(file, new TrainingState(7, one, one, one), "plan");
    return file;
  }

  @Test
  void load_savedState_isTheSame() throws IOException {
    TrainingState loaded = StateFiles.load(savedState(), "plan");
    assertThat(loaded.step()).isEqualTo(7);
    for (Map<String, FloatTensor> group :
        List.of(loaded.weights(), loaded.firstMoments(), loaded.secondMoments())) {
      assertThat(group).containsOnlyKeys("a/b");
      assertThat(group.get("a/b").values()).containsExactly(1, 2);
    }
  }

  @Test
  void saveAndLoad_tensorOfSeveralPieces_isWhole() throws IOException {
    float[] values = new float[RowRange.PIECE_BYTES / Short.BYTES + 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 256; // Exact in every type.
    }
    for (List<Long> shape :
        List.of(List.of((long) values.length), List.of(1L, (long) values.length))) {
      Map<String, FloatTensor> large = Map.of("a", new FloatTensor(shape, values));
      Path state = directory.resolve("state");
      StateFiles.save(state, new TrainingState(1, large, large, large), "plan");
      TrainingState loaded = StateFiles.load(state, "plan");
      assertSameBits(loaded.weights(), large);
      assertSameBits(loaded.secondMoments(), large);
      Path model = directory.resolve("model");
      StateFiles.saveModel(model, large, DType.BF16);
      ByteBuffer written = SafetensorsFile.open(model).view("a").rows(0, shape.get(0));
      for (float value : values) {
        if (DType.BF16.get(written) != value) {
          throw new AssertionError("expected " + value + " before byte " + written.position());
        }
      }
    }
  }

  @Test
  void load_stateOfAnotherPlan_isRejected() throws IOException {
    Path file = savedState();
    assertThatThrownBy(() -> StateFiles.load(file, "another plan"))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "%s belongs to a training with other options, model or data: expected those it was"
                + " begun with; give them again or choose another --output.",
            file);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 8, 100, -1})
  void load_stateCutOff_isRejected(int length) throws IOException {
    Path file = savedState();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, length < 0 ? bytes.length + length : length));
    assertDamaged(file);
  }

  @Test
  void load_stateWithoutStep_isRejected() throws IOException {
    Path file = directory.resolve("state");
    SafetensorsWriter.write(file, Map.of("plan", "plan"), List.of(tensor("weight/a")));
    assertDamaged(file);
    SafetensorsWriter.write(file, Map.of("plan", "plan", "step", "x"), List.of(tensor("weight/a")));
    assertDamaged(file);
  }

  @Test
  void load_stateWithoutMoments_isRejected() throws IOException {
    Path file = directory.resolve("state");
    SafetensorsWriter.write(file, Map.of("plan", "plan", "step", "3"), List.of(tensor("weight/a")));
    assertDamaged(file);
  }

  private static SafetensorsWriter.Entry tensor(String name) {
    return new SafetensorsWriter.Entry(
        name, DType.F32, List.of(1L), List.of(ByteBuffer.allocate(4)));
  }

  private static void assertDamaged(Path file) {
    Throwable thrown = catchThrowable(() -> StateFiles.load(file, "plan"));
    assertThat(thrown).isInstanceOf(BadInputException.class).hasMessageContaining(file.toString());
  }

  @ParameterizedTest
  @EnumSource
  void saveModel_trainedCheckpoint_hasTheNamesShapesAndTypesItBeganWith(Architecture architecture)
      throws IOException {
    Path source = directory.resolve("source");
    Checkpoint checkpoint = architecture.open(source, 2);
    Path target = Files.createDirectories(directory.resolve("target"));
    TrainingState trained;
    try (Trainer trainer = Trainings.trainer(checkpoint, PLAN, data, Trainings.begin(checkpoint))) {
      trained = run(trainer, 2);
    }
    Files.copy(source.resolve("config.json"), target.resolve("config.json"));
    Path file = target.resolve("model.safetensors");
    StateFiles.saveModel(file, trained.weights(), checkpoint.dtype());
    Checkpoint again = Checkpoint.open(target);
    assertThat(again.config()).isEqualTo(checkpoint.config());
    assertThat(again.dtype()).isEqualTo(checkpoint.dtype());
    assertThat(again.parameterCount()).isEqualTo(checkpoint.parameterCount());
    if (architecture != Architecture.LLAMA_SHARDED) {
      SafetensorsFile before = SafetensorsFile.open(source.resolve("model.safetensors"));
      SafetensorsFile after = SafetensorsFile.open(file);
      Set<String> names = before.names();
      assertThat(after.names()).isEqualTo(names);
      names.forEach(
          name -> assertThat(after.view(name).shape()).isEqualTo(before.view(name).shape()));
    }
    int[] tokens = {1, 5, 9, 2, 6, 3, 3, 8};
    float[] untrained = nll(checkpoint, tokens);
    for (int t = 0; t < untrained.length; t++) {
      assertThat(nll(again, tokens)[t]).isFinite().isNotEqualTo(untrained[t]);
    }
  }

  private static float[] nll(Checkpoint checkpoint, int[] tokens) {
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      return model.nll(tokens, 1, Trainings.rescaling(checkpoint.config()));
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void weightsOf_savedModel_areTheWeightsInThatType(DType type) throws IOException {
    Checkpoint checkpoint = Architecture.QWEN2.open(directory, 3);
    Map<String, FloatTensor> weights = StateFiles.weightsOf(checkpoint);
    StateFiles.saveModel(directory.resolve("model.safetensors"), weights, type);
    Map<String, FloatTensor> again = StateFiles.weightsOf(Checkpoint.open(directory));
    if (type == DType.F16) {
      weights.forEach(
          (name, tensor) -> {
            for (int i = 0; i < tensor.values().length; i++) {
              ByteBuffer half = ByteBuffer.allocate(2);
              type.put(half, tensor.values()[i]);
              assertThat(again.get(name).values()[i]).isEqualTo(type.get(half.flip()));
            }
          });
    } else {
      assertSameBits(again, weights);
    }
  }
}
