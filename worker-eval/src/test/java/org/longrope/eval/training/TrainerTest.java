package org.longrope.eval.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.family.FamilyReference;
import org.longrope.eval.family.ReferenceNll;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.Rescaling;

@Tag("numeric")
class TrainerTest {
  @TempDir Path directory;

  private final TokenStream data = Trainings.randomStream();

  @BeforeAll
  static void useTestThreads() {
    TestThreads.useForTraining();
  }

  /** Returns the mean loss of a step's batch by the reference. */
  private double loss(
      Checkpoint checkpoint, TrainingPlan plan, int step, Map<String, double[]> weights) {
    return loss(checkpoint, plan, step, weights, Trainings.rescaling(checkpoint.config()));
  }

  private double loss(
      Checkpoint checkpoint,
      TrainingPlan plan,
      int step,
      Map<String, double[]> weights,
      Rescaling rescaling) {
    FamilyReference reference = FamilyReference.of(Trainings.configJson(checkpoint), weights);
    double sum = 0;
    for (int row = 0; row < plan.batch(); row++) {
      int[] tokens =
          Arrays.stream(data.sequence(plan.length(), plan.seed(), step, row))
              .mapToInt(Math::toIntExact)
              .toArray();
      double[] nll = ReferenceNll.of(reference, tokens, rescaling, AttentionWindow.CONFIG);
      sum += Arrays.stream(nll).sum();
    }
    return sum / (plan.batch() * plan.length());
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA_BIASES", "MISTRAL", "QWEN2", "PHI3"})
  void next_lossAndGradient_equalTheReference(Architecture architecture) {
    Checkpoint checkpoint = architecture.open(directory, 1);
    TrainingPlan plan =
        new TrainingPlan(
            12, 2, 1, 10, 1e-3, 0, LearningRateDecay.LINEAR, 0, Trainings.NO_CLIPPING, 5, false);
    TrainingState start = Trainings.begin(checkpoint);
    Map<String, double[]> weights = Trainings.doubles(start.weights());
    Map<String, double[]> gradient = Trainings.gradient(checkpoint, plan, data, 1, start.weights());
    try (Trainer trainer = Trainings.trainer(checkpoint, plan, data, start)) {
      Trainer.Step step = trainer.next();
      double expected = loss(checkpoint, plan, 1, weights);
      assertThat(step.loss()).isCloseTo(expected, within(1e-5 * expected));
      double norm = Trainings.norm(gradient);
      assertThat(step.gradientNorm()).isCloseTo(norm, within(1e-5 * norm));
      assertThat(step.learningRate()).isEqualTo(1e-3);
    }
    Random random = new Random(6);
    for (String name : weights.keySet()) {
      double[] values = weights.get(name);
      double[] slope = gradient.get(name);
      double largest = Arrays.stream(slope).map(Math::abs).max().getAsDouble();
      int steepest =
          IntStream.range(0, slope.length)
              .filter(i -> Math.abs(slope[i]) == largest)
              .findFirst()
              .getAsInt();
      for (int i : new int[] {steepest, 0, slope.length - 1, random.nextInt(slope.length)}) {
        double finite = finiteDifference(checkpoint, plan, weights, values, i);
        assertThat(slope[i]).as("%s[%d]", name, i).isCloseTo(finite, within(1e-4 * largest + 1e-6));
      }
    }
  }

  private double finiteDifference(
      Checkpoint checkpoint,
      TrainingPlan plan,
      Map<String, double[]> weights,
      double[] values,
      int i) {
    double weight = values[i];
    double step = 1e-5;
    values[i] = weight + step;
    double above = loss(checkpoint, plan, 1, weights);
    values[i] = weight - step;
    double below = loss(checkpoint, plan, 1, weights);
    values[i] = weight;
    return (above - below) / (2 * step);
  }

  /** Compares with AdamW (arXiv 1711.05101) in plain Java; only gradients come from the trainer. */
  @Test
  void next_severalSteps_areAdamWWithClippingAndDecayOfMatrices() {
    Checkpoint checkpoint = Architecture.LLAMA_BIASES.open(directory, 2);
    TrainingPlan plan =
        new TrainingPlan(12, 2, 1, 4, 0.01, 2, LearningRateDecay.LINEAR, 0.3, 0.5, 7, false);
    TrainingState start = Trainings.begin(checkpoint);
    Map<String, double[]> first = zeros(start.weights());
    Map<String, double[]> second = zeros(start.weights());
    try (Trainer trainer = Trainings.trainer(checkpoint, plan, data, start)) {
      for (int t = 1; t <= 4; t++) {
        Map<String, FloatTensor> before = trainer.state().weights();
        Map<String, double[]> gradient = Trainings.gradient(checkpoint, plan, data, t, before);
        double norm = Trainings.norm(gradient);
        assertThat(norm).as("is clipped").isGreaterThan(0.6);
        Trainer.Step step = trainer.next();
        assertThat(step.gradientNorm()).isCloseTo(norm, within(1e-5 * norm));
        Map<String, FloatTensor> after = trainer.state().weights();
        for (String name : before.keySet()) {
          double[] g = gradient.get(name);
          Trainings.scale(g, 0.5 / norm);
          double[] m = first.get(name);
          double[] v = second.get(name);
          double decay = before.get(name).shape().size() > 1 ? 1 - step.learningRate() * 0.3 : 1;
          float[] actual = after.get(name).values();
          for (int i = 0; i < g.length; i++) {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            v[i] = 0.95 * v[i] + 0.05 * g[i] * g[i];
            double direction =
                m[i] / (1 - Math.pow(0.9, t)) / (Math.sqrt(v[i] / (1 - Math.pow(0.95, t))) + 1e-8);
            double expected =
                decay * before.get(name).values()[i] - step.learningRate() * direction;
            if (Math.abs(actual[i] - expected) > 2e-6) {
              assertThat((double) actual[i])
                  .as("%s[%d] after step %d", name, i, t)
                  .isCloseTo(expected, within(2e-6));
            }
          }
        }
      }
    }
  }

  /** Changes the scales from step to step, each time at the weights that the steps before left. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void next_scheduleOfQueryScales_lossesEqualTheReference(boolean recompute) {
    Checkpoint checkpoint = Architecture.QWEN2.open(directory, 6);
    TrainingPlan plan =
        new TrainingPlan(12, 2, 1, 4, 0.01, 0, LearningRateDecay.LINEAR, 0, 1, 5, recompute);
    Rescaling rescaling = Trainings.rescaling(checkpoint.config());
    QueryScales pairs = QueryScales.ones(1, 1, rescaling.factors().pairs());
    double[] psi = new Random(2).doubles(pairs.size(), -0.7, 0.7).toArray();
    int heads = checkpoint.config().attention().heads();
    QueryScales own = QueryScales.ones(1, heads, rescaling.factors().pairs());
    double[] ownPsi = new Random(3).doubles(own.size(), -0.7, 0.7).toArray();
    List<Rescaling> rescalings =
        List.of(
            rescaling,
            rescaling.withQueryScales(pairs.withLogs(psi)),
            rescaling.withQueryScales(own.withLogs(ownPsi)),
            rescaling);
    FactorSchedule schedule =
        new FactorSchedule(
            rescalings.stream().map(phase -> new FactorSchedule.Phase(phase, 1)).toList());
    try (Trainer trainer =
        new Trainer(
            TrainedModel.whole(checkpoint.config()),
            plan,
            data,
            schedule,
            Trainings.begin(checkpoint),
            Replicas.ONE,
            Device.cpu())) {
      for (int step = 1; step <= 4; step++) {
        Map<String, double[]> weights = Trainings.doubles(trainer.state().weights());
        double expected = loss(checkpoint, plan, step, weights, rescalings.get(step - 1));
        assertThat(trainer.next().loss()).isCloseTo(expected, within(1e-5 * expected));
      }
    }
  }

  private static Map<String, double[]> zeros(Map<String, FloatTensor> like) {
    Map<String, double[]> zeros = new LinkedHashMap<>();
    like.forEach((name, tensor) -> zeros.put(name, new double[tensor.values().length]));
    return zeros;
  }

  @Test
  void next_batchInParts_hasTheSameLossAndGradient() {
    Checkpoint checkpoint = Architecture.PHI3.open(directory, 3);
    TrainingPlan whole =
        new TrainingPlan(12, 4, 1, 3, 1e-3, 0, LearningRateDecay.LINEAR, 0, 1, 8, false);
    TrainingPlan parts =
        new TrainingPlan(12, 4, 4, 3, 1e-3, 0, LearningRateDecay.LINEAR, 0, 1, 8, false);
    TrainingState start = Trainings.begin(checkpoint);
    Map<String, double[]> expected =
        Trainings.gradient(checkpoint, whole, data, 1, start.weights());
    Map<String, double[]> actual = Trainings.gradient(checkpoint, parts, data, 1, start.weights());
    double norm = Trainings.norm(expected);
    expected.forEach(
        (name, slope) ->
            assertThat(actual.get(name)).as(name).containsExactly(slope, within(1e-5 * norm)));
    try (Trainer atOnce = Trainings.trainer(checkpoint, whole, data, start);
        Trainer inParts = Trainings.trainer(checkpoint, parts, data, start)) {
      for (int step = 1; step <= 3; step++) {
        double loss = atOnce.next().loss();
        assertThat(inParts.next().loss()).isCloseTo(loss, within(1e-4 * loss));
      }
    }
  }

  @Test
  void next_repetitiveText_isLearnt() {
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 4);
    int[] text = IntStream.range(0, 500).map(t -> t % 7).toArray();
    TokenStream repetitive = TokenStream.of(List.of(text), OptionalInt.empty());
    TrainingPlan plan =
        new TrainingPlan(16, 4, 1, 40, 0.01, 4, LearningRateDecay.LINEAR, 0.01, 1, 9, false);
    TrainingState start = TrainingState.begin(InitialWeights.of(checkpoint.config(), plan.seed()));
    try (Trainer trainer = Trainings.trainer(checkpoint, plan, repetitive, start)) {
      double before = trainer.next().loss();
      assertThat(before).as("knows nothing").isCloseTo(Math.log(64), within(0.2));
      double after = before;
      while (trainer.step() < plan.steps()) {
        after = trainer.next().loss();
      }
      assertThat(after).isLessThan(0.3);
    }
  }

  @Test
  void initialWeights_sameSeed_areTheSameAndSpreadAsGpt2s() {
    Checkpoint checkpoint = Architecture.LLAMA_BIASES.open(directory, 5);
    Map<String, FloatTensor> weights = InitialWeights.of(checkpoint.config(), 1);
    Map<String, FloatTensor> again = InitialWeights.of(checkpoint.config(), 1);
    weights.forEach(
        (name, tensor) -> assertThat(again.get(name).values()).isEqualTo(tensor.values()));
    assertThat(deviation(weights, "model.embed_tokens.weight")).isCloseTo(0.02, within(0.002));
    assertThat(deviation(weights, "model.layers.1.mlp.down_proj.weight"))
        .isCloseTo(0.01, within(0.001));
    assertThat(weights.get("model.norm.weight").values()).containsOnly(1);
    assertThat(weights.get("model.layers.0.self_attn.q_proj.bias").values()).containsOnly(0);
  }

  private static double deviation(Map<String, FloatTensor> weights, String name) {
    double[] values = Trainings.doubles(weights).get(name);
    return Math.sqrt(Arrays.stream(values).map(value -> value * value).average().getAsDouble());
  }
}
