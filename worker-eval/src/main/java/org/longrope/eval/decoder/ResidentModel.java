package org.longrope.eval.decoder;

import ai.djl.Device;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.rope.Rescaling;

/**
 * Checkpoint that is loaded once for many evaluations. Its weights exist once in the process and
 * are shared by all threads; float32 weights on the CPU are the memory-mapped file itself.
 */
public final class ResidentModel implements AutoCloseable {
  private final LoadedDecoder decoder;
  private final DType computeType;
  private final String hardware;

  private ResidentModel(LoadedDecoder decoder, DType computeType, String hardware) {
    this.decoder = decoder;
    this.computeType = computeType;
    this.hardware = hardware;
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
    boolean gpu = devices.get(0).isGpu();
    EvaluationCost cost =
        EvaluationCost.of(checkpoint.config(), window, computeType(checkpoint, gpu), gpu, length);
    return load(
        checkpoint,
        window,
        Placement.of(checkpoint.config(), cost, Placement.freeMemory(devices)),
        gpu ? Chunks.GPU : Chunks.CPU);
  }

  private static DType computeType(Checkpoint checkpoint, boolean gpu) {
    return gpu ? checkpoint.dtype() : DType.F32;
  }

  /**
   * Loads each layer onto a device of its own choice.
   *
   * @param devices one a layer, all of one kind, equal ones in a row
   */
  static ResidentModel load(
      Checkpoint checkpoint, AttentionWindow window, List<Device> devices, Chunks chunks) {
    DecoderSpec config = checkpoint.config();
    boolean gpu = devices.get(0).isGpu();
    List<Stage> stages = new ArrayList<>();
    PtNDManager manager = Libtorch.manager(devices.get(0));
    DecoderProgram program = DecoderProgram.load(manager, config);
    try {
      WeightLoader loader = new WeightLoader(program, checkpoint, manager, !gpu);
      PtNDArray embedding = loader.load(List.of(config.embedding()))[0];
      stages.add(new Stage(manager, 0, new ArrayList<>()));
      for (int layer = 0; layer < config.layerCount(); layer++) {
        if (layer > 0 && !devices.get(layer).equals(devices.get(layer - 1))) {
          manager = Libtorch.manager(devices.get(layer));
          loader = new WeightLoader(program, checkpoint, manager, !gpu);
          stages.add(new Stage(manager, layer, new ArrayList<>()));
        }
        stages
            .get(stages.size() - 1)
            .layers()
            .add(IValue.listFrom(loader.load(config.programOrder(layer))));
      }
      PtNDArray[] output = loader.load(config.output().programOrder());
      LoadedDecoder decoder =
          new LoadedDecoder(
              config,
              window.windows(config),
              chunks,
              program,
              new GradientProgram(stages.get(0).manager(), config),
              embedding,
              stages,
              IValue.listFrom(output));
      String hardware = gpu ? "GPU" : InstructionSet.detect().toString();
      return new ResidentModel(decoder, computeType(checkpoint, gpu), hardware);
    } catch (RuntimeException e) {
      LoadedDecoder.close(program, stages);
      throw e;
    }
  }

  /** Returns the model's shape. */
  public DecoderSpec config() {
    return decoder.config();
  }

  /** Returns the type of weights and activations: f32, f16 or bf16. */
  public String computeType() {
    return computeType.name().toLowerCase(Locale.ROOT);
  }

  /** Returns the kind of hardware that the last bits of a result depend on. */
  public String hardware() {
    return hardware;
  }

  /** Computes {@link #nll(int[], int, Rescaling, StopSignal)} without a way to stop it. */
  public float[] nll(int[] tokens, int from, Rescaling rescaling) {
    return nll(tokens, from, rescaling, StopSignal.NEVER);
  }

  /**
   * Computes negative log-likelihoods of a sequence's tokens, each given all tokens before it. The
   * sum over a prefix is what the prefix alone would give. Hidden states, one layer's keys and
   * values, and the angle tables have the sequence's length.
   *
   * @param tokens n ids of the vocabulary, BOS included
   * @param from the first token to score, 1 … n−1
   * @param stop asked between parts of each layer; receives the progress of the pass
   * @return NLL in nats of tokens[from] … tokens[n−1]
   * @throws StoppedException when stopped
   */
  public float[] nll(int[] tokens, int from, Rescaling rescaling, StopSignal stop) {
    requireScored(tokens, from);
    int positions = tokens.length - 1;
    double layersShare = 1 - EvaluationCost.headShare(config(), decoder.windows(), positions);
    try (DecodingSession pass =
        DecodingSession.forOnePass(decoder, positions, rescaling, tokens.length)) {
      pass.append(Arrays.copyOf(tokens, positions), stop.part(0, layersShare));
      stop.progress(layersShare);
      return pass.score(from, Arrays.copyOfRange(tokens, from, tokens.length), stop);
    }
  }

  /**
   * Computes negative log-likelihoods like {@link #nll(int[], int, Rescaling, StopSignal)}, and the
   * derivatives of their sum by the rescaling. It keeps the hidden states before each layer, in the
   * host's memory where a GPU has no room for them, and computes one layer at a time again.
   *
   * @param tokens n ids of the vocabulary, BOS included
   * @param from the first token to score, 1 … n−1
   * @param stop asked between parts of each layer; receives the progress of both passes
   * @throws StoppedException when stopped
   * @throws BadInputException with the arithmetic, before anything is computed, if it does not fit
   */
  public SequenceGradient gradient(int[] tokens, int from, Rescaling rescaling, StopSignal stop) {
    return gradient(
        tokens,
        from,
        rescaling,
        stop,
        stage ->
            Placement.inputsOnDevice(
                config(), stage, computeType, decoder.chunks(), tokens.length));
  }

  /**
   * Computes a gradient with a choice of what stays on the device.
   *
   * @param inputsOnDevice returns of how many layers of a stage the inputs do
   */
  SequenceGradient gradient(
      int[] tokens,
      int from,
      Rescaling rescaling,
      StopSignal stop,
      ToIntFunction<Stage> inputsOnDevice) {
    requireScored(tokens, from);
    try (GradientPass pass = new GradientPass(decoder, tokens, rescaling, stop, inputsOnDevice)) {
      return pass.compute(from);
    }
  }

  private static void requireScored(int[] tokens, int from) {
    if (!(from >= 1 && from < tokens.length)) {
      throw new IllegalArgumentException(
          "Cannot score from token " + from + " of " + tokens.length);
    }
  }

  /**
   * Rejects a session that would not fit, before anything is read.
   *
   * @param capacity tokens that it would hold at most, 1 or more
   * @throws BadInputException with the arithmetic if the keys and values do not fit
   */
  public void requireSession(int capacity) {
    Placement.requireSession(config(), decoder.stages(), computeType, capacity);
  }

  /**
   * Begins a sequence that grows token by token, with all keys and values kept.
   *
   * @param capacity tokens that it will hold at most, 1 or more
   * @throws BadInputException with the arithmetic if the keys and values do not fit
   */
  public DecodingSession session(int capacity, Rescaling rescaling) {
    requireSession(capacity);
    return DecodingSession.growing(decoder, capacity, rescaling);
  }

  @Override
  public void close() {
    decoder.close();
  }
}
