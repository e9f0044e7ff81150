package org.longrope.driver.execution.spark;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.feature.PolynomialExpansion;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.training.Training;
import org.longrope.search.Candidate;
import org.longrope.search.Surrogate;

/**
 * A ridge regression of ln perplexity on {@link org.longrope.search.surrogate.CandidateFeatures},
 * their squares and their products, with an intercept for each document, by Spark's MLlib.
 *
 * <p>Features are standardised and expanded to degree 2. ln perplexity is centred within each
 * document, and an indicator column for each document absorbs the mean level of the candidates that
 * were evaluated on it. Ten features give 65 coefficients; with fewer observations the ridge
 * determines the solution.
 *
 * <p>A fit is two jobs of one task: the regression and the summary that MLlib computes of it. It
 * runs on a thread of its own. In Spark's order (FIFO) its tasks come after the evaluations that
 * wait already and before all later ones, so they use a slot that a generation leaves free. Spark
 * SQL starts at the first fit. Predictions are computed in this process.
 *
 * <p>One partition gives one order of summation on any cluster. BLAS and LAPACK of hosts may still
 * differ in the last of about 16 digits. Predictions are rounded to {@value #DIGITS} digits, so
 * that the order of candidates does not depend on the host.
 */
public final class QuadraticRegression implements Surrogate, AutoCloseable {
  /** Job group of fits, as Spark's UI shows it. */
  static final String JOBS = "surrogate";

  /** Regularisation, relative to the variance of a column. */
  private static final double RIDGE = 0.01;

  private static final int DIGITS = 9;

  private static final String FEATURES = "features";
  private static final String DOCUMENT = "document";
  private static final String TARGET = "target";
  private static final String EXPANDED = "expanded";
  private static final String COLUMNS = "columns";
  private static final String PREDICTION = "prediction";

  private static final StructType SCHEMA =
      DataTypes.createStructType(
          new StructField[] {
            DataTypes.createStructField(FEATURES, SQLDataTypes.VectorType(), false),
            DataTypes.createStructField(DOCUMENT, SQLDataTypes.VectorType(), false),
            DataTypes.createStructField(TARGET, DataTypes.DoubleType, false)
          });

  private static final PolynomialExpansion EXPANSION =
      new PolynomialExpansion().setDegree(2).setInputCol(FEATURES).setOutputCol(EXPANDED);

  private static final VectorAssembler ASSEMBLER =
      new VectorAssembler().setInputCols(new String[] {EXPANDED, DOCUMENT}).setOutputCol(COLUMNS);

  private static final LinearRegression REGRESSION =
      new LinearRegression()
          .setSolver("normal")
          .setElasticNetParam(0)
          .setRegParam(RIDGE)
          .setStandardization(true)
          .setFeaturesCol(COLUMNS)
          .setLabelCol(TARGET)
          .setPredictionCol(PREDICTION);

  private final JavaSparkContext spark;
  private final Duration timeout;
  private final ExecutorService fits =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, JOBS);
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Creates a regression.
   *
   * @param timeout how long to wait for a fit; only a cluster without executors takes longer
   */
  public QuadraticRegression(JavaSparkContext spark, Duration timeout) {
    this.spark = spark;
    this.timeout = timeout;
  }

  @Override
  public Training train(List<Observation> observations) {
    Future<Model> fit = fits.submit(() -> fit(observations));
    return () -> await(fit);
  }

  private Model await(Future<Model> fit) {
    try {
      return fit.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExecutionFailure("The driver was interrupted");
    } catch (TimeoutException e) {
      throw new ExecutionFailure(
          "The surrogate could not be fitted within "
              + timeout.toSeconds()
              + " s: expected the cluster to have an executor for it; resume the run when it has"
              + " one.");
    } catch (CancellationException e) {
      throw new ExecutionFailure("The surrogate was closed");
    } catch (ExecutionException e) {
      throw new ExecutionFailure(
          "The surrogate could not be fitted ("
              + SparkFailure.reason(Objects.requireNonNullElse(e.getCause(), e))
              + "); resume the run when the cluster is well.");
    }
  }

  private Model fit(List<Observation> observations) {
    spark.setJobGroup(JOBS, JOBS + " · fitted to " + observations.size() + " outcomes", true);
    SparkSession session = SparkSession.builder().sparkContext(spark.sc()).getOrCreate();
    Standardised standardised = Standardised.by(observations);
    double[] targets = Standardised.targets(observations);
    List<Integer> documents =
        observations.stream().map(Observation::document).distinct().sorted().toList();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < targets.length; i++) {
      Observation one = observations.get(i);
      double[] document = new double[documents.size()];
      document[documents.indexOf(one.document())] = 1;
      rows.add(row(standardised.features(one.candidate()), document, targets[i]));
    }
    // Coalesced last: the steps before run in this process, without a job.
    LinearRegressionModel fitted = REGRESSION.fit(columns(rows, session).coalesce(1));
    return candidates -> predict(candidates, standardised, documents.size(), fitted, session);
  }

  /** Computes the columns: features and their products, then documents. */
  private static Dataset<Row> columns(List<Row> rows, SparkSession session) {
    return ASSEMBLER.transform(EXPANSION.transform(session.createDataFrame(rows, SCHEMA)));
  }

  /** Predicts without a document: its level is equal for all candidates. */
  private static double[] predict(
      List<Candidate> candidates,
      Standardised standardised,
      int documents,
      LinearRegressionModel fitted,
      SparkSession session) {
    List<Row> rows =
        candidates.stream()
            .map(one -> row(standardised.features(one), new double[documents], 0))
            .toList();
    return fitted.transform(columns(rows, session)).select(PREDICTION).collectAsList().stream()
        .mapToDouble(row -> rounded(row.getDouble(0)))
        .toArray();
  }

  private static Row row(double[] features, double[] document, double target) {
    Vector dense = Vectors.dense(features);
    return RowFactory.create(dense, Vectors.dense(document), target);
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(new MathContext(DIGITS)).doubleValue();
  }

  /** Cancels the current fit. */
  @Override
  public void close() {
    fits.shutdownNow();
    if (!spark.sc().isStopped()) {
      spark.cancelJobGroup(JOBS);
    }
  }
}
