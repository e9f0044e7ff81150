package org.longrope.driver.lab.bench;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.Json;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.family.DecoderSpec;

/**
 * Benchmark of evaluations of random tokens against a matrix product in the same process, which is
 * measured before and after each, so that variations of the machine cancel. Where a Python is
 * given, transformers evaluates the same tokens in turn.
 */
public final class EvaluatorBench implements AutoCloseable {
  private static final int MOST_REPETITIONS = 5;
  private static final double ENOUGH_SECONDS = 120;
  private static final int TOUCHING = 128;

  private final Device device;
  private final List<Integer> threads;
  private final int busy;
  private final boolean gradients;
  private final @Nullable String python;
  private final MatrixProduct matrixProduct;
  private final List<EvaluatorRow> rows = new ArrayList<>();
  private final Map<Integer, List<Double>> matmul = new TreeMap<>();
  private final Set<String> compared = new LinkedHashSet<>();

  /**
   * Prepares the matrix product.
   *
   * @param threads numbers of threads, each of which measures every model and length
   * @param busy processes that keep a core busy during a second measurement; 0: none is made
   * @param gradients whether the gradient of each evaluation is measured too
   * @param python interpreter whose transformers is compared; null: none is
   */
  public EvaluatorBench(
      Device device, List<Integer> threads, int busy, boolean gradients, @Nullable String python) {
    this.device = device;
    this.threads = List.copyOf(threads);
    this.busy = busy;
    this.gradients = gradients;
    this.python = python;
    matrixProduct = new MatrixProduct(device);
  }

  /**
   * Measures a model at each length and number of threads, and passes on every row as text.
   *
   * @throws org.longrope.eval.BadInputException if the Python's transformers cannot run the model
   */
  public void measure(
      String name, Checkpoint checkpoint, List<Integer> lengths, Consumer<String> listener)
      throws IOException {
    DecoderSpec config = checkpoint.config();
    try (ResidentModel model =
            ResidentModel.load(checkpoint, AttentionWindow.CONFIG, Collections.max(lengths));
        TransformersProcess transformers = start(checkpoint, model)) {
      // Reads the mapped weights in, all experts too: they are not what an evaluation takes.
      RandomTokens.evaluate(model, TOUCHING);
      // A GPU's allocator keeps what it once took: its peak is what is taken since here.
      long onGpu = device.isGpu() ? Libtorch.memory(device).used() : 0;
      for (int length : lengths) {
        for (int count : threads) {
          Libtorch.useThreads(count);
          EvaluatorRow row = measure(name, model, transformers, config, length, count, onGpu);
          rows.add(row);
          listener.accept(row.text());
        }
      }
    }
  }

  private @Nullable TransformersProcess start(Checkpoint checkpoint, ResidentModel model)
      throws IOException {
    if (python == null) {
      return null;
    }
    TransformersProcess transformers =
        TransformersProcess.start(python, checkpoint.directory(), device, model.computeType());
    compared.add(transformers.description());
    return transformers;
  }

  private EvaluatorRow measure(
      String name,
      ResidentModel model,
      @Nullable TransformersProcess transformers,
      DecoderSpec config,
      int length,
      int count,
      long onGpu)
      throws IOException {
    DType type = DType.valueOf(model.computeType().toUpperCase(Locale.ROOT));
    EvaluationCost cost =
        EvaluationCost.of(config, AttentionWindow.CONFIG, type, device.isGpu(), length);
    List<Double> seconds = new ArrayList<>();
    List<Double> fractions = new ArrayList<>();
    List<Double> otherSeconds = new ArrayList<>();
    List<Double> speedups = new ArrayList<>();
    double difference = 0;
    double before = matrixProduct.flopPerSecond(count);
    long weights = 0;
    if (!device.isGpu()) {
      ProcessMemory.releaseFree();
      weights = ProcessMemory.resident();
      ProcessMemory.forgetPeak();
    }
    double total = 0;
    while (fractions.size() < MOST_REPETITIONS && total < ENOUGH_SECONDS) {
      TimedEvaluation own = RandomTokens.evaluate(model, length);
      double after = matrixProduct.flopPerSecond(count);
      matmul.computeIfAbsent(count, none -> new ArrayList<>()).add(after);
      seconds.add(own.seconds());
      fractions.add(cost.flop() / own.seconds() / ((before + after) / 2));
      before = after;
      total += own.seconds();
      if (transformers != null) {
        TimedEvaluation other = transformers.evaluate(RandomTokens.of(model, length), count);
        otherSeconds.add(other.seconds());
        speedups.add(other.seconds() / own.seconds());
        difference = Math.abs(own.nll() - other.nll()) / other.nll();
        before = matrixProduct.flopPerSecond(count);
        total += other.seconds();
      }
    }
    boolean isCompared = transformers != null;
    long peak =
        device.isGpu() ? Libtorch.memory(device).used() - onGpu : ProcessMemory.peak() - weights;
    long buffer = (length - 1L) * config.hiddenSize() * type.bytes();
    long keysAndValues = (length - 1L) * config.attention().cacheWidth() * type.bytes();
    return new EvaluatorRow(
        name,
        length,
        count,
        model.computeType(),
        (length - 1) / median(seconds),
        busy == 0 ? null : (Double) ((length - 1) / busySeconds(model, length)),
        isCompared ? (Double) ((length - 1) / median(otherSeconds)) : null,
        isCompared ? (Double) median(speedups) : null,
        isCompared ? (Double) difference : null,
        gradients ? MeasuredGradient.of(model, device, length, onGpu) : null,
        median(fractions),
        peak,
        (double) (peak - keysAndValues) / buffer);
  }

  /** Returns the median time of an evaluation while other processes keep cores busy. */
  private double busySeconds(ResidentModel model, int length) throws IOException {
    List<Double> seconds = new ArrayList<>();
    try (BusyProcesses others = BusyProcesses.start(busy)) {
      double total = 0;
      while (seconds.size() < MOST_REPETITIONS && total < ENOUGH_SECONDS) {
        double taken = RandomTokens.evaluate(model, length).seconds();
        seconds.add(taken);
        total += taken;
      }
    }
    return median(seconds);
  }

  static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Returns the median rate of the matrix product by threads, in 10⁹ FLOP a second. */
  public Map<Integer, Double> matmulGflops() {
    Map<Integer, Double> rates = new TreeMap<>();
    matmul.forEach((count, measured) -> rates.put(count, median(measured) * 1e-9));
    return rates;
  }

  /** Returns the head of the table, with its line end. */
  public String header() {
    return EvaluatorRow.table(busy > 0, python != null, gradients).head();
  }

  /** Returns the versions and kinds of attention with which transformers was measured. */
  public List<String> compared() {
    return List.copyOf(compared);
  }

  /** Measurements for a file. */
  private record Report(
      Map<Integer, Double> matmulGflops,
      int busyProcesses,
      List<String> compared,
      List<EvaluatorRow> rows) {}

  /**
   * Returns {@code matmul_gflops} by threads, {@code busy_processes}, {@code compared} and {@code
   * rows}.
   */
  public ObjectNode report() {
    return Json.tree(new Report(matmulGflops(), busy, compared(), rows));
  }

  @Override
  public void close() {
    matrixProduct.close();
  }
}
