package org.longrope.eval.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.TinyFamilies;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Tests of recomputation, replicas and low-rank changes against plain training. */
@Tag("numeric")
class FineTuningTest {
  @TempDir Path directory;

  private final TokenStream data = Trainings.randomStream();

  @BeforeAll
  static void useTestThreads() {
    TestThreads.useForTraining();
  }

  private static TrainingPlan plan(int accumulation, boolean recompute) {
    return plan(40, accumulation, recompute);
  }

  private static TrainingPlan plan(int length, int accumulation, boolean recompute) {
    return new TrainingPlan(
        length, 4, accumulation, 4, 1e-3, 1, LearningRateDecay.CONSTANT, 0.1, 1, 8, recompute);
  }

  private static void assertSame(
      Map<String, double[]> actual, Map<String, double[]> expected, double tolerance) {
    double norm = Trainings.norm(expected);
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, slope) ->
            assertThat(actual.get(name)).as(name).containsExactly(slope, within(tolerance * norm)));
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA_BIASES", "MISTRAL", "QWEN2", "PHI3"})
  void gradient_recomputedLayerByLayer_isThatOfTheWhole(Architecture architecture) {
    Checkpoint checkpoint = architecture.open(directory, 1);
    Map<String, FloatTensor> weights = StateFiles.weightsOf(checkpoint);
    Map<String, double[]> whole = Trainings.gradient(checkpoint, plan(1, false), data, 1, weights);
    for (int accumulation : new int[] {1, 2}) {
      assertSame(
          Trainings.gradient(checkpoint, plan(accumulation, true), data, 1, weights), whole, 1e-5);
    }
    try (Trainer plain =
            Trainings.trainer(checkpoint, plan(1, false), data, Trainings.begin(checkpoint));
        Trainer layerwise =
            Trainings.trainer(checkpoint, plan(1, true), data, Trainings.begin(checkpoint))) {
      for (int step = 1; step <= 4; step++) {
        double loss = plain.next().loss();
        assertThat(layerwise.next().loss()).isCloseTo(loss, within(1e-4 * loss));
      }
    }
  }

  /** Replicas in threads, whose sums are in the order of the ranks. */
  private static final class Threads {
    private final float[][] parts;
    private final CyclicBarrier barrier;

    Threads(int count) {
      parts = new float[count][];
      barrier = new CyclicBarrier(count);
    }

    Replicas replica(int rank) {
      return new Replicas() {
        @Override
        public int rank() {
          return rank;
        }

        @Override
        public int count() {
          return parts.length;
        }

        @Override
        public void begin(String training, int step) {}

        @Override
        public void sum(float[] values) {
          try {
            parts[rank] = values.clone();
            barrier.await();
            for (int i = 0; i < values.length; i++) {
              values[i] = 0;
              for (float[] part : parts) {
                values[i] += part[i];
              }
            }
            barrier.await();
          } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
          }
        }
      };
    }
  }

  /** Some experts of the mixture are chosen in the rows of one replica alone. */
  @ParameterizedTest
  @CsvSource({"QWEN2,40", "MIXTRAL,2"})
  void replicas_ofOneBatch_stepLikeOneTrainer(TinyFamilies family, int length) throws Exception {
    Checkpoint checkpoint = family.open(directory);
    DecoderSpec config = checkpoint.config();
    TrainingPlan plan = plan(length, 4, true);
    TrainingState start = Trainings.begin(checkpoint);
    List<Double> expected = new ArrayList<>();
    TrainingState alone;
    try (Trainer trainer = Trainings.trainer(checkpoint, plan, data, start)) {
      for (int step = 0; step < 3; step++) {
        expected.add(trainer.next().loss());
      }
      alone = trainer.state();
    }
    Threads threads = new Threads(3);
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Future<TrainingState>> states = new ArrayList<>();
      for (int rank = 0; rank < 3; rank++) {
        Replicas replica = threads.replica(rank);
        states.add(
            pool.submit(
                () -> {
                  try (Trainer trainer =
                      new Trainer(
                          TrainedModel.whole(config),
                          plan,
                          data,
                          Trainings.schedule(config),
                          start,
                          replica,
                          Device.cpu())) {
                    for (int step = 0; step < 3; step++) {
                      double loss = expected.get(step);
                      assertThat(trainer.next().loss()).isCloseTo(loss, within(1e-5 * loss));
                    }
                    return trainer.state();
                  }
                }));
      }
      Map<String, double[]> first = Trainings.doubles(states.get(0).get().weights());
      assertSame(first, Trainings.doubles(alone.weights()), 1e-5);
      for (Future<TrainingState> state : states) {
        Map<String, double[]> weights = Trainings.doubles(state.get().weights());
        weights.forEach((name, values) -> assertThat(values).as(name).isEqualTo(first.get(name)));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /** Compares a low-rank change of full rank with one factor fixed with its product rule. */
  @ParameterizedTest
  @CsvSource({
    "LLAMA,self_attn.k_proj,down_proj",
    "PHI3,self_attn.qkv_proj,down_proj",
    "GLM,mlp.gate_up_proj,o_proj",
    "MINICPM3,self_attn.kv_b_proj,q_a_proj",
    "MIXTRAL,self_attn.q_proj,v_proj"
  })
  void lowRank_gradient_isThatOfTheWholeThroughTheProduct(
      TinyFamilies family, String path, String other) {
    Checkpoint checkpoint = family.open(directory);
    DecoderSpec config = checkpoint.config();
    String module = path.substring(path.indexOf('.') + 1);
    String tensor = "model.layers.1." + path + ".weight";
    Lora lowRank = new Lora(3, 6, List.of(module, other));
    assertThat(lowRank.problems(config)).isEmpty();
    Map<String, FloatTensor> base = StateFiles.weightsOf(checkpoint);
    Map<String, FloatTensor> factors = new LinkedHashMap<>(lowRank.begin(config, 4));
    FloatTensor b = factors.get(Lora.factor(tensor, Lora.B));
    for (int i = 0; i < b.values().length; i++) {
      b.values()[i] = 0.01f * (i % 7 - 3);
    }
    TrainedModel model = new TrainedModel(config, base, lowRank);
    TrainingState start = TrainingState.begin(factors);
    Map<String, FloatTensor> merged = model.weights(start);
    for (boolean recompute : new boolean[] {false, true}) {
      TrainingPlan plan =
          new TrainingPlan(
              40,
              4,
              2,
              4,
              1e-3,
              0,
              LearningRateDecay.LINEAR,
              0,
              Trainings.NO_CLIPPING,
              8,
              recompute);
      Map<String, double[]> whole = Trainings.gradient(checkpoint, plan, data, 1, merged);
      try (Trainer trainer =
          new Trainer(
              model, plan, data, Trainings.schedule(config), start, Replicas.ONE, Device.cpu())) {
        trainer.next();
        Map<String, double[]> moments = Trainings.doubles(trainer.state().firstMoments());
        assertThat(moments.keySet()).isEqualTo(factors.keySet());
        double[] slope = moments.get(Lora.factor(tensor, Lora.A));
        Trainings.scale(slope, 1 / (1 - TrainingPlan.BETA_1));
        double[] expected = slopeOfA(whole.get(tensor), b, lowRank, slope.length / lowRank.rank());
        double largest = java.util.Arrays.stream(expected).map(Math::abs).max().getAsDouble();
        assertThat(slope).containsExactly(expected, within(1e-4 * largest));
        // Other weights stay.
        Map<String, FloatTensor> after = model.weights(trainer.state());
        assertThat(after.get("model.norm.weight").values())
            .isEqualTo(base.get("model.norm.weight").values());
        assertThat(after.get(tensor).values()).isNotEqualTo(merged.get(tensor).values());
      }
    }
  }

  /** Returns alpha / rank · Bᵀ · (gradient of W). */
  private static double[] slopeOfA(double[] whole, FloatTensor b, Lora lowRank, int in) {
    double[] slope = new double[lowRank.rank() * in];
    int out = b.values().length / lowRank.rank();
    for (int r = 0; r < lowRank.rank(); r++) {
      for (int j = 0; j < in; j++) {
        for (int i = 0; i < out; i++) {
          slope[r * in + j] +=
              lowRank.scale() * b.values()[i * lowRank.rank() + r] * whole[i * in + j];
        }
      }
    }
    return slope;
  }

  @Test
  void lowRank_initialFactors_leaveTheModelUnchanged() {
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 5);
    Lora lowRank = new Lora(2, 4, List.of("q_proj", "v_proj"));
    Map<String, FloatTensor> base = StateFiles.weightsOf(checkpoint);
    Map<String, FloatTensor> begun = lowRank.begin(checkpoint.config(), 6);
    assertThat(begun).hasSize(4 * checkpoint.config().layerCount());
    Map<String, FloatTensor> merged = lowRank.merge(base, begun);
    base.forEach(
        (name, weight) -> assertThat(merged.get(name).values()).isEqualTo(weight.values()));
  }

  @Test
  void problems_wrongLora_haveOneSentenceEach() {
    DecoderSpec config = Architecture.LLAMA.open(directory, 7).config();
    assertThat(new Lora(0, Double.NaN, List.of("q_proj", "qkv_proj")).problems(config))
        .containsExactly(
            "--lora-rank is 0: expected 1 or more.",
            "--lora-alpha is NaN: expected a positive number.",
            "--lora-modules has qkv_proj: expected some of [q_proj, k_proj, v_proj, o_proj,"
                + " gate_proj, up_proj, down_proj].");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MIXTRAL|w1|q_proj, k_proj, v_proj, o_proj",
        "GRANITEMOE|input_linear|q_proj, k_proj, v_proj, o_proj",
        "GPT_OSS|gate_up_proj|q_proj, k_proj, v_proj, o_proj",
        "DEEPSEEK_V3|gate_proj|q_b_proj, o_proj, q_a_proj, kv_a_proj_with_mqa, kv_b_proj",
        "QWEN2_MOE|down_proj|q_proj, k_proj, v_proj, o_proj",
      })
  void problems_modulesOfExperts_areRejectedByName(
      TinyFamilies family, String module, String expected) {
    DecoderSpec config = family.open(directory).config();
    assertThat(new Lora(2, 4, List.of("o_proj", module)).problems(config))
        .containsExactly(
            "--lora-modules has "
                + module
                + ", of experts, which cannot be adapted: expected some of ["
                + expected
                + "].");
  }

  @Test
  void schedule_ofSeveralPhases_changesTheRescalingBetweenThem() {
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 8);
    DecoderSpec config = checkpoint.config();
    Rescaling first = Trainings.rescaling(config);
    Rescaling second = new Rescaling(RescaleFactors.uniform(config.rope().pairs(), 4), 0, 1.2);
    FactorSchedule both =
        new FactorSchedule(
            List.of(new FactorSchedule.Phase(first, 2), new FactorSchedule.Phase(second, 2)));
    assertThat(both.steps()).isEqualTo(4);
    TrainingPlan plan = plan(1, true);
    TrainingState afterTwo;
    try (Trainer trainer = trainer(config, plan, FactorSchedule.of(first, 4), checkpoint)) {
      trainer.next();
      trainer.next();
      afterTwo = trainer.state();
    }
    double expected;
    try (Trainer trainer =
        new Trainer(
            TrainedModel.whole(config),
            plan,
            data,
            FactorSchedule.of(second, 4),
            afterTwo,
            Replicas.ONE,
            Device.cpu())) {
      expected = trainer.next().loss();
    }
    try (Trainer trainer = trainer(config, plan, both, checkpoint)) {
      trainer.next();
      trainer.next();
      assertThat(trainer.next().loss()).isEqualTo(expected);
    }
  }

  private Trainer trainer(
      DecoderSpec config, TrainingPlan plan, FactorSchedule schedule, Checkpoint checkpoint) {
    return new Trainer(
        TrainedModel.whole(config),
        plan,
        data,
        schedule,
        Trainings.begin(checkpoint),
        Replicas.ONE,
        Device.cpu());
  }
}
