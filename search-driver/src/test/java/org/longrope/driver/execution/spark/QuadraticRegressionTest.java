package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.search.Candidate;
import org.longrope.search.Surrogate.Observation;
import org.longrope.search.surrogate.CandidateFeatures;

/** Fits by MLlib under the product's Spark settings, which require Kryo registration. */
class QuadraticRegressionTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int PAIRS = 32;

  private static final CountDownLatch RELEASE = new CountDownLatch(1);

  private static JavaSparkContext spark;
  private static QuadraticRegression regression;

  @BeforeAll
  static void start() {
    spark = new SparkSettings("local[2]", Map.of()).start("test");
    regression = new QuadraticRegression(spark, PATIENCE);
  }

  @AfterAll
  static void stop() {
    regression.close();
    spark.close();
  }

  /** Computes a quadratic function of the features, with products. */
  private static double truth(Candidate candidate) {
    double[] x = CandidateFeatures.of(candidate);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (i + 1) * 0.1 * x[i] + (x[i] - 0.3) * (x[i] - 0.3);
      sum += i > 0 ? 0.5 * x[i] * x[i - 1] : 0;
    }
    return sum;
  }

  private static List<Candidate> candidates(int count, long seed) {
    Random random = new Random(seed);
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] hundredths = random.ints(PAIRS, 100, 1000).sorted().toArray();
      candidates.add(Candidate.of(hundredths, 4 * random.nextInt(8), 900 + random.nextInt(200)));
    }
    return candidates;
  }

  private static List<Observation> observations(int count, double ofDocument) {
    List<Candidate> candidates = candidates(count, 1);
    List<Observation> observations = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Candidate candidate = candidates.get(i);
      observations.add(new Observation(candidate, i % 5, truth(candidate) + ofDocument * (i % 5)));
    }
    return observations;
  }

  /** Returns the share of pairs that are predicted in their true order. */
  private static double ordered(List<Candidate> candidates, double[] predicted) {
    double[] truths = candidates.stream().mapToDouble(QuadraticRegressionTest::truth).toArray();
    int right = 0;
    int all = 0;
    for (int i = 0; i < truths.length; i++) {
      for (int j = 0; j < i; j++) {
        right += (truths[i] < truths[j]) == (predicted[i] < predicted[j]) ? 1 : 0;
        all++;
      }
    }
    return right / (double) all;
  }

  @Test
  void predict_quadraticFunction_ranksNewCandidates() {
    List<Candidate> others = candidates(200, 2);
    double[] predicted = regression.train(observations(200, 0)).model().predict(others);
    assertThat(ordered(others, predicted)).isGreaterThan(0.97);
  }

  @Test
  void predict_documentsOfDifferentLevels_ranksNewCandidates() {
    List<Candidate> others = candidates(200, 2);
    double[] predicted = regression.train(observations(200, 30)).model().predict(others);
    assertThat(ordered(others, predicted)).isGreaterThan(0.97);
  }

  @Test
  void predict_fewerObservationsThanCoefficients_isFinite() {
    List<Candidate> others = candidates(100, 2);
    for (int count : new int[] {1, 2, 16}) {
      double[] predicted = regression.train(observations(count, 1)).model().predict(others);
      assertThat(predicted).as("%d observations", count).hasSize(100);
      assertThat(Arrays.stream(predicted).allMatch(Double::isFinite)).isTrue();
    }
    double[] predicted = regression.train(observations(32, 0)).model().predict(others);
    assertThat(ordered(others, predicted)).isGreaterThan(0.6);
  }

  @Test
  void predict_equalCandidates_isZero() {
    Candidate one = candidates(1, 1).get(0);
    List<Observation> observations =
        List.of(new Observation(one, 0, 1.5), new Observation(one, 1, 2.5));
    assertThat(regression.train(observations).model().predict(List.of(one, one)))
        .containsExactly(0, 0);
  }

  @Test
  void train_fit_runsNamedJobsOfOneTaskAndPredictionRunsNone() throws Exception {
    List<String> descriptions = new CopyOnWriteArrayList<>();
    List<Integer> tasks = new CopyOnWriteArrayList<>();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            descriptions.add(start.properties().getProperty("spark.job.description"));
            start.stageInfos().foreach(stage -> tasks.add(stage.numTasks()));
          }
        };
    spark.sc().addSparkListener(listener);
    double[] predicted = regression.train(observations(100, 1)).model().predict(candidates(64, 2));
    spark.parallelize(List.of(1)).count();
    spark.sc().listenerBus().waitUntilEmpty();
    spark.sc().removeSparkListener(listener);
    assertThat(predicted).hasSize(64);
    assertThat(descriptions).endsWith((String) null);
    assertThat(descriptions.subList(0, descriptions.size() - 1))
        .hasSizeBetween(1, 2)
        .containsOnly("surrogate · fitted to 100 outcomes");
    assertThat(tasks.subList(0, descriptions.size() - 1)).containsOnly(1);
  }

  @Test
  void predict_onAnotherCluster_isEqual() {
    List<Candidate> others = candidates(50, 3);
    double[] here = regression.train(observations(150, 2)).model().predict(others);
    assertThat(regression.train(observations(150, 2)).model().predict(others)).isEqualTo(here);
    regression.close();
    spark.close();
    spark = new SparkSettings("local[1]", Map.of()).start("test");
    regression = new QuadraticRegression(spark, PATIENCE);
    assertThat(regression.train(observations(150, 2)).model().predict(others)).isEqualTo(here);
  }

  /** Training does not block the caller, and a fit without a free slot fails in the end. */
  @Test
  void train_withoutAFreeSlot_returnsAndItsModelFailsAfterThePatience() throws Exception {
    JavaFutureAction<Void> busy =
        spark.parallelize(List.of(1, 2), 2).foreachAsync(one -> RELEASE.await(1, TimeUnit.MINUTES));
    try (QuadraticRegression impatient = new QuadraticRegression(spark, Duration.ofMillis(500))) {
      var training = impatient.train(observations(20, 0));
      assertThatThrownBy(training::model)
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageContaining("could not be fitted within");
    } finally {
      RELEASE.countDown();
    }
    busy.get();
    assertThat(regression.train(observations(20, 0)).model().predict(candidates(3, 1))).hasSize(3);
  }

  @Test
  void train_sparkStopped_failsWithOneSentence() {
    spark.close();
    assertThatThrownBy(() -> regression.train(observations(20, 0)).model())
        .isInstanceOf(ExecutionFailure.class)
        .hasMessageStartingWith("The surrogate could not be fitted (")
        .hasMessageEndingWith("resume the run when the cluster is well.");
    start();
  }
}
