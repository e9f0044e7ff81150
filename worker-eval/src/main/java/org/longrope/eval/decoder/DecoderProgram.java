package org.longrope.eval.decoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.longrope.eval.checkpoint.ModelConfig;

/**
 * The decoder of {@code decoder.ts}, loaded into libtorch. It has no state: weights are arguments,
 * so one program serves any number of threads.
 */
public final class DecoderProgram implements AutoCloseable {
  private static final String MODULE = "Decoder";
  private static final String TRAINING_LOSS = "training_loss";

  private final PtSymbolBlock block;

  private DecoderProgram(PtSymbolBlock block) {
    this.block = block;
  }

  /** The program for evaluation. */
  static DecoderProgram load(PtNDManager manager) {
    return load(manager, source("decoder.ts"), false);
  }

  /**
   * The program with a method that autograd can go through. DJL passes only tensors there, so the
   * model's shape becomes part of the source.
   */
  public static DecoderProgram loadForTraining(PtNDManager manager, ModelConfig config) {
    String loss =
        String.format(
            Locale.ROOT,
            """
            def %s(self: __torch__.Decoder, ids: Tensor, targets: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor]) -> Tensor:
              return self.mean_loss(ids, targets, cos, sin, w, %d, %d, %s, %s, %d, %d)
            """,
            TRAINING_LOSS,
            config.attentionHeads(),
            config.keyValueHeads(),
            Double.toString(config.rmsNormEpsilon()).replace('E', 'e'),
            config.attentionWindows(),
            Chunks.POSITIONS,
            Chunks.trainingHead(config));
    return load(manager, source("decoder.ts") + source("training.ts") + loss, true);
  }

  /** Writes the program as an archive that any libtorch loads. */
  public static void writeArchive(Path file) throws IOException {
    TorchScriptArchive.write(file, MODULE, source("decoder.ts"));
  }

  private static DecoderProgram load(PtNDManager manager, String source, boolean trainable) {
    try {
      Path archive = Files.createTempFile("decoder", ".pt");
      try {
        TorchScriptArchive.write(archive, MODULE, source);
        String[] none = {};
        return new DecoderProgram(
            JniUtils.loadModule(manager, archive, false, none, none, trainable));
      } finally {
        Files.delete(archive);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the decoder program to a temporary file", e);
    }
  }

  private static String source(String resource) {
    try (InputStream stream = DecoderProgram.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Calls a method of the program in inference mode.
   *
   * @param arguments tensors, arrays of tensors, int, long, double, boolean, long[]; an IValue is
   *     passed on and stays the caller's
   * @return the result; the caller closes it
   */
  public IValue call(String method, Object... arguments) {
    IValue[] values = new IValue[arguments.length];
    try {
      for (int i = 0; i < values.length; i++) {
        values[i] = toIValue(arguments[i]);
      }
      return IValueUtils.runMethod(block, method, values);
    } finally {
      for (int i = 0; i < values.length; i++) {
        if (values[i] != null && !(arguments[i] instanceof IValue)) {
          values[i].close();
        }
      }
    }
  }

  private static IValue toIValue(Object argument) {
    if (argument instanceof IValue value) {
      return value;
    } else if (argument instanceof PtNDArray tensor) {
      return IValue.from(tensor);
    } else if (argument instanceof PtNDArray[] tensors) {
      return IValue.listFrom(tensors);
    } else if (argument instanceof Integer number) {
      return IValue.from(number.longValue());
    } else if (argument instanceof Long number) {
      return IValue.from(number);
    } else if (argument instanceof Double number) {
      return IValue.from(number);
    } else if (argument instanceof Boolean flag) {
      return IValue.from(flag);
    } else if (argument instanceof long[] numbers) {
      return IValue.listFrom(numbers);
    }
    throw new IllegalArgumentException("Cannot pass " + argument.getClass() + " to the decoder");
  }

  /**
   * The mean next-token loss (nats) of a batch, with a gradient function. Call it inside a gradient
   * collector, with weights that require gradients.
   *
   * @param ids [B, T] int64
   * @param targets [B, T] int64
   * @param tables cos and sin, [T, d/2] each
   * @param weights in the program's order
   */
  public NDArray trainingLoss(
      NDArray ids, NDArray targets, PtNDArray[] tables, List<? extends NDArray> weights) {
    NDList inputs = new NDList(ids, targets, tables[0], tables[1]);
    // Arrays named "w[]" become one list argument; the last array's name chooses the method.
    List<NDArray> list = new ArrayList<>(weights);
    list.forEach(weight -> weight.setName("w[]"));
    inputs.addAll(list);
    NDArray method = ids.getManager().ones(new ai.djl.ndarray.types.Shape(1));
    method.setName("module_method:" + TRAINING_LOSS);
    inputs.add(method);
    // The executor would watch its first runs and differentiate a rewritten graph from then on:
    // other last bits, and a training that goes on in a new process would not end as an unbroken
    // one.
    JniUtils.setGraphExecutorOptimize(false);
    try {
      return block
          .forward(new ParameterStore(ids.getManager(), false), inputs, true)
          .singletonOrThrow();
    } finally {
      JniUtils.setGraphExecutorOptimize(true);
    }
  }

  @Override
  public void close() {
    block.close();
  }
}
