package org.longrope.eval.decoder;

import ai.djl.Device;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.checkpoint.TensorPart;
import org.longrope.eval.rope.Rescaling;

/**
 * A checkpoint that is loaded once and answers many evaluations. Its weights exist once in the
 * process and are shared by all threads; float32 weights on the CPU are the memory-mapped file
 * itself.
 */
public final class ResidentModel implements AutoCloseable {
  private final ModelConfig config;
  private final long[] windows;
  private final String computeType;
  private final String hardware;
  private final Chunks chunks;
  private final DecoderProgram program;
  private final PtNDArray embedding;
  private final List<Stage> stages;
  private final PtNDArray[] output;

  private ResidentModel(
      Checkpoint checkpoint,
      AttentionWindow window,
      Chunks chunks,
      DecoderProgram program,
      PtNDArray embedding,
      List<Stage> stages,
      PtNDArray[] output) {
    config = checkpoint.config();
    windows = window.windows(config).stream().mapToLong(Integer::longValue).toArray();
    boolean gpu = stages.get(0).manager().getDevice().isGpu();
    computeType = gpu ? checkpoint.dtype().name().toLowerCase(Locale.ROOT) : "f32";
    hardware = gpu ? "GPU" : InstructionSet.detect().toString();
    this.chunks = chunks;
    this.program = program;
    this.embedding = embedding;
    this.stages = stages;
    this.output = output;
  }

  /**
   * Loads onto the GPUs that libtorch sees, as few of them as hold it, else for the CPU.
   *
   * @param length tokens of the longest window that will be evaluated
   * @throws BadInputException with the arithmetic, before anything is loaded, if it does not fit
   */
  public static ResidentModel load(Checkpoint checkpoint, AttentionWindow window, int length) {
    return load(checkpoint, window, length, Libtorch.devices());
  }

  /**
   * Loads onto as few of the given devices as hold it. CPUs compute in float32, into which narrower
   * weights are widened once; GPUs compute in the checkpoint's own type.
   *
   * @param length tokens of the longest window that will be evaluated
   * @param devices the CPU, or GPUs that this process may use, in the order of their use
   * @throws BadInputException with the arithmetic, before anything is loaded, if it does not fit
   */
  public static ResidentModel load(
      Checkpoint checkpoint, AttentionWindow window, int length, List<Device> devices) {
    List<Placement.Room> rooms = Placement.rooms(devices);
    boolean gpu = devices.get(0).isGpu();
    DType type = gpu ? checkpoint.dtype() : DType.F32;
    EvaluationCost cost = EvaluationCost.of(checkpoint.config(), window, type, gpu, length);
    return load(
        checkpoint,
        window,
        Placement.of(checkpoint.config(), cost, rooms),
        gpu ? Chunks.GPU : Chunks.CPU);
  }

  /**
   * Loads each layer onto a device of its own choice.
   *
   * @param devices one a layer, all of one kind, equal ones in a row
   */
  static ResidentModel load(
      Checkpoint checkpoint, AttentionWindow window, List<Device> devices, Chunks chunks) {
    ModelConfig config = checkpoint.config();
    boolean widen = !devices.get(0).isGpu();
    List<Stage> stages = new ArrayList<>();
    PtNDManager manager = Libtorch.manager(devices.get(0));
    DecoderProgram program = DecoderProgram.load(manager);
    try {
      WeightLoader loader = new WeightLoader(program, checkpoint, manager, widen);
      PtNDArray embedding = loader.load(List.of(TensorPart.embedding(config)))[0];
      stages.add(new Stage(manager, 0, new ArrayList<>()));
      for (int layer = 0; layer < config.layers(); layer++) {
        if (layer > 0 && !devices.get(layer).equals(devices.get(layer - 1))) {
          manager = Libtorch.manager(devices.get(layer));
          loader = new WeightLoader(program, checkpoint, manager, widen);
          stages.add(new Stage(manager, layer, new ArrayList<>()));
        }
        stages
            .get(stages.size() - 1)
            .layers()
            .add(IValue.listFrom(loader.load(TensorPart.layer(config, layer))));
      }
      PtNDArray[] output = loader.load(List.copyOf(TensorPart.output(config)));
      return new ResidentModel(checkpoint, window, chunks, program, embedding, stages, output);
    } catch (RuntimeException e) {
      close(program, stages);
      throw e;
    }
  }

  public ModelConfig config() {
    return config;
  }

  /** The type of weights and activations: f32, f16 or bf16. */
  public String computeType() {
    return computeType;
  }

  /** Returns the kind of hardware that the last bits of an answer depend on. */
  public String hardware() {
    return hardware;
  }

  /** The whole answer of {@link #nll(int[], int, Rescaling, StopSignal)}. */
  public float[] nll(int[] tokens, int from, Rescaling rescaling) {
    return nll(tokens, from, rescaling, StopSignal.NEVER);
  }

  /**
   * Negative log-likelihoods of a sequence's tokens, each given all tokens before it. The sum over
   * a prefix is what the prefix alone would give.
   *
   * @param tokens n ids of the vocabulary, BOS included
   * @param from the first token to score, 1 … n−1
   * @param stop asked between parts of each layer, and told how far the pass is
   * @return NLL in nats of tokens[from] … tokens[n−1]
   * @throws StoppedException when stopped
   */
  public float[] nll(int[] tokens, int from, Rescaling rescaling, StopSignal stop) {
    if (!(from >= 1 && from < tokens.length)) {
      throw new IllegalArgumentException(
          "Cannot score from token " + from + " of " + tokens.length);
    }
    return new ForwardPass(program, config, windows, chunks, stop)
        .nll(tokens, from, rescaling, embedding, stages, output);
  }

  /**
   * Says in time that a session would not fit.
   *
   * @param capacity tokens that it would hold at most, 1 or more
   * @throws BadInputException with the arithmetic if the keys and values do not fit
   */
  public void requireSession(int capacity) {
    DType type = DType.valueOf(computeType.toUpperCase(Locale.ROOT));
    Placement.requireSession(config, stages, type, capacity);
  }

  /**
   * A sequence that grows token by token, with all keys and values kept.
   *
   * @param capacity tokens that it will hold at most, 1 or more
   * @throws BadInputException with the arithmetic if the keys and values do not fit
   */
  public DecodingSession session(int capacity, Rescaling rescaling) {
    requireSession(capacity);
    return new DecodingSession(
        program, config, windows, chunks, embedding, stages, output, capacity, rescaling);
  }

  @Override
  public void close() {
    close(program, stages);
  }

  private static void close(DecoderProgram program, List<Stage> stages) {
    stages.forEach(stage -> stage.layers().forEach(IValue::close));
    program.close();
    stages.forEach(stage -> stage.manager().close());
  }
}
