package org.longrope.eval.decoder;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.Sha256;
import org.longrope.eval.family.DecoderSpec;

/**
 * Decoder program of a spec, loaded into libtorch. It has no state: weights are arguments, so one
 * program serves any number of threads.
 */
public final class DecoderProgram implements AutoCloseable {
  private static final String MODULE = "Decoder";

  /** Matrix product that every libtorch has, and that autograd can go through. */
  private static final String PRODUCT = "product.ts";

  private static final String ONE_DNN_PRODUCT = "product-onednn.ts";

  private static final String ONE_DNN_AUTOGRAD_PRODUCT = "product-onednn-autograd.ts";

  /** Check for oneDNN, without which a libtorch may have been built. */
  private static final class OneDnn {
    private static @Nullable Boolean available;

    private OneDnn() {}

    static synchronized boolean isAvailable(PtNDManager manager) {
      if (available == null) {
        try {
          load(manager, ProgramSource.read("blocks/" + ONE_DNN_PRODUCT), false).close();
          available = true;
        } catch (EngineException e) {
          available = false;
        }
      }
      return available;
    }
  }

  private final PtSymbolBlock block;

  private DecoderProgram(PtSymbolBlock block) {
    this.block = block;
  }

  /** Loads a spec's program for evaluation, with the fastest matrix product of the device. */
  public static DecoderProgram load(PtNDManager manager, DecoderSpec spec) {
    boolean oneDnn = !manager.getDevice().isGpu() && OneDnn.isAvailable(manager);
    return load(manager, ProgramSource.evaluation(spec, oneDnn ? ONE_DNN_PRODUCT : PRODUCT), false);
  }

  /**
   * Loads a spec's program with methods that autograd can go through. DJL passes only tensors
   * there, so what else a method takes becomes part of the source.
   */
  public static DecoderProgram loadForTraining(PtNDManager manager, DecoderSpec spec) {
    return load(manager, ProgramSource.training(spec, PRODUCT) + TrainingMethods.of(spec), true);
  }

  /** Loads a spec's program with the backward pass of an evaluation. */
  static DecoderProgram loadForGradient(PtNDManager manager, DecoderSpec spec) {
    boolean oneDnn = !manager.getDevice().isGpu() && OneDnn.isAvailable(manager);
    return load(
        manager, ProgramSource.gradient(spec, oneDnn ? ONE_DNN_AUTOGRAD_PRODUCT : PRODUCT), true);
  }

  /**
   * Returns the hash that cached gradients carry: SHA-256 over the programs of both passes and over
   * the sizes of the parts.
   */
  public static String gradientSha256(DecoderSpec spec) {
    return new Sha256()
        .add(sha256(spec))
        .add(ProgramSource.gradient(spec, PRODUCT))
        .add(ProgramSource.read("blocks/" + ONE_DNN_AUTOGRAD_PRODUCT))
        .hex();
  }

  /**
   * Returns the hash that cached results carry: SHA-256 over the spec's program and over the sizes
   * of the parts, on which sums depend in their last bits.
   */
  public static String sha256(DecoderSpec spec) {
    return new Sha256()
        .add(ProgramSource.evaluation(spec, PRODUCT))
        .add(ProgramSource.read("blocks/" + ONE_DNN_PRODUCT))
        .add(Chunks.CPU.toString())
        .add(Chunks.GPU.toString())
        .hex();
  }

  /** Writes a spec's program as an archive that any libtorch loads. */
  public static void writeArchive(Path file, DecoderSpec spec) throws IOException {
    TorchScriptArchive.write(file, MODULE, ProgramSource.evaluation(spec, PRODUCT));
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

  /**
   * Calls a method of the program in inference mode.
   *
   * @param arguments tensors, arrays of tensors, int, double, boolean; an IValue is passed on and
   *     stays the caller's
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

  /** Calls a method that returns nothing. */
  void run(String method, Object... arguments) {
    call(method, arguments).close();
  }

  /** Calls a method that returns a tensor, and attaches it to a manager. */
  public PtNDArray callForTensor(PtNDManager manager, String method, Object... arguments) {
    try (IValue result = call(method, arguments)) {
      return result.toTensor(manager);
    }
  }

  /** Calls a method that returns a list of tensors, and attaches them to a manager. */
  PtNDArray[] callForTensors(PtNDManager manager, String method, Object... arguments) {
    try (IValue result = call(method, arguments)) {
      return result.toTensorArray(manager);
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
    } else if (argument instanceof Double number) {
      return IValue.from(number);
    } else if (argument instanceof Boolean flag) {
      return IValue.from(flag);
    }
    throw new IllegalArgumentException("Cannot pass " + argument.getClass() + " to the decoder");
  }

  /**
   * Calls a method that autograd can go through. Call it inside a gradient collector, with
   * arguments or weights that require gradients.
   *
   * @param method one of {@link TrainingMethods}
   * @param weights its last argument, a list
   */
  public NDArray differentiable(
      String method, List<? extends NDArray> arguments, List<? extends NDArray> weights) {
    NDList inputs = new NDList();
    inputs.addAll(arguments);
    // Arrays named "w[]" become one list argument; the last array's name chooses the method.
    weights.forEach(weight -> weight.setName("w[]"));
    inputs.addAll(weights);
    NDManager manager = arguments.get(0).getManager();
    NDArray name = manager.ones(new ai.djl.ndarray.types.Shape(1));
    name.setName("module_method:" + method);
    inputs.add(name);
    // The executor would profile its first runs and differentiate a rewritten graph from then on.
    // Its last bits differ, so a training resumed in a new process would end otherwise than an
    // uninterrupted one.
    JniUtils.setGraphExecutorOptimize(false);
    try {
      return block.forward(new ParameterStore(manager, false), inputs, true).singletonOrThrow();
    } finally {
      JniUtils.setGraphExecutorOptimize(true);
    }
  }

  /**
   * Calls a method that differentiates by itself. It runs outside of inference mode, so the tensors
   * that it makes are such that autograd accepts.
   *
   * @param arguments of which the first's manager gets the result
   * @param weights its last argument, a list; none if the method takes none
   */
  PtNDArray callWithAutograd(
      String method, List<? extends NDArray> arguments, List<? extends NDArray> weights) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
    try {
      return (PtNDArray) differentiable(method, arguments, weights);
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  @Override
  public void close() {
    block.close();
  }
}
