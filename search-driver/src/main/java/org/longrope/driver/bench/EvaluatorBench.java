package org.longrope.driver.bench;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.ResidentModel;

/**
 * Measures evaluations of random tokens against the matrix product of the same process, which is
 * measured before and after each: the machine's own swings cancel.
 */
public final class EvaluatorBench implements AutoCloseable {
  private static final int MOST_REPETITIONS = 5;
  private static final double ENOUGH_SECONDS = 120;
  private static final int TOUCHING = 16;

  private final Device device;
  private final MatrixProduct matrixProduct;
  private final List<EvaluatorRow> rows = new ArrayList<>();
  private final List<Double> matmul = new ArrayList<>();

  public EvaluatorBench(Device device) {
    this.device = device;
    matrixProduct = new MatrixProduct(device);
  }

  /** Measures a model at each length and tells every row as text. */
  public void measure(
      String name, Checkpoint checkpoint, List<Integer> lengths, Consumer<String> listener)
      throws IOException {
    ModelConfig config = checkpoint.config();
    try (ResidentModel model =
        ResidentModel.load(checkpoint, AttentionWindow.CONFIG, Collections.max(lengths))) {
      // Reads the mapped weights in, so that they do not count as what an evaluation takes.
      RandomTokens.evaluate(model, TOUCHING);
      // A GPU's allocator keeps what it once took: its peak is what is taken since here.
      long onGpu = device.isGpu() ? CudaUtils.getGpuMemory(device).getCommitted() : 0;
      for (int length : lengths) {
        EvaluatorRow row = measure(name, model, config, length, onGpu);
        rows.add(row);
        listener.accept(row.text());
      }
    }
  }

  private EvaluatorRow measure(
      String name, ResidentModel model, ModelConfig config, int length, long onGpu)
      throws IOException {
    DType type = DType.valueOf(model.computeType().toUpperCase(Locale.ROOT));
    EvaluationCost cost =
        EvaluationCost.of(config, AttentionWindow.CONFIG, type, device.isGpu(), length);
    List<Double> seconds = new ArrayList<>();
    List<Double> fractions = new ArrayList<>();
    double before = matrixProduct.flopPerSecond();
    long weights = 0;
    if (!device.isGpu()) {
      ProcessMemory.releaseFree();
      weights = ProcessMemory.resident();
      ProcessMemory.forgetPeak();
    }
    double total = 0;
    while (fractions.size() < MOST_REPETITIONS && total < ENOUGH_SECONDS) {
      double taken = RandomTokens.evaluate(model, length);
      double after = matrixProduct.flopPerSecond();
      matmul.add(after);
      seconds.add(taken);
      fractions.add(cost.flop() / taken / ((before + after) / 2));
      before = after;
      total += taken;
    }
    long peak =
        device.isGpu()
            ? CudaUtils.getGpuMemory(device).getCommitted() - onGpu
            : ProcessMemory.peak() - weights;
    long buffer = (length - 1L) * config.hiddenSize() * type.bytes();
    long keysAndValues =
        2 * (length - 1L) * config.keyValueHeads() * config.headDimension() * type.bytes();
    return new EvaluatorRow(
        name,
        length,
        model.computeType(),
        (length - 1) / median(seconds),
        median(fractions),
        peak,
        (double) (peak - keysAndValues) / buffer);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** The rate of the matrix product over the whole run, in 10⁹ FLOP a second. */
  public double matmulGflops() {
    return median(matmul) * 1e-9;
  }

  /** The columns' names. */
  public String header() {
    return EvaluatorRow.HEADER;
  }

  /** {@code matmul_gflops} and {@code rows}. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("matmul_gflops", matmulGflops());
    ArrayNode array = json.putArray("rows");
    rows.forEach(row -> array.add(row.toJson()));
    return json;
  }

  @Override
  public void close() {
    matrixProduct.close();
  }
}
