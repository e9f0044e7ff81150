package org.longrope.eval.decoder;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.rope.Rescaling;

/**
 * A sequence that grows: all layers' keys and values are kept, so that more tokens cost only
 * themselves. Tokens may be taken back, so that a prefix is read once for many continuations.
 *
 * <p>All tokens are read under one rescaling. Whoever changes it by the length begins another
 * session: keys that were rotated otherwise are of no use.
 */
public final class DecodingSession implements AutoCloseable {
  private final DecoderProgram program;
  private final ModelConfig config;
  private final long[] windows;
  private final Chunks chunks;
  private final PtNDArray embedding;
  private final PtNDArray[] output;
  private final List<StageState> stages = new ArrayList<>();
  private final int[] tokens;
  private int length;

  /**
   * What a session holds on one device.
   *
   * @param hidden [1, capacity, D]; after the stage's layers, up to the session's length
   * @param tables cos and sin, [capacity, d/2] each
   * @param caches keys and values of each layer of the stage, [1, G, capacity, h] each
   */
  private record StageState(
      Stage stage,
      PtNDManager manager,
      PtNDArray hidden,
      PtNDArray[] tables,
      List<PtNDArray[]> caches) {}

  DecodingSession(
      DecoderProgram program,
      ModelConfig config,
      long[] windows,
      Chunks chunks,
      PtNDArray embedding,
      List<Stage> stages,
      PtNDArray[] output,
      int capacity,
      Rescaling rescaling) {
    this.program = program;
    this.config = config;
    this.windows = windows;
    this.chunks = chunks;
    this.embedding = embedding;
    this.output = output;
    tokens = new int[capacity];
    try {
      for (Stage stage : stages) {
        this.stages.add(state(stage, capacity, rescaling));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private StageState state(Stage stage, int capacity, Rescaling rescaling) {
    PtNDManager manager = (PtNDManager) stage.manager().newSubManager();
    PtNDArray hidden = call(manager, "room", embedding, manager.create(new Shape(1)), capacity);
    List<PtNDArray[]> caches = new ArrayList<>();
    for (int layer = 0; layer < stage.layers().size(); layer++) {
      try (IValue created =
          program.call("caches", hidden, config.keyValueHeads(), config.headDimension())) {
        caches.add(created.toTensorArray(manager));
      }
    }
    PtNDArray[] tables = RopeTables.of(program, manager, config.rope(), rescaling, capacity);
    return new StageState(stage, manager, hidden, tables, caches);
  }

  /** Tokens read so far. */
  public int length() {
    return length;
  }

  /**
   * Reads more tokens.
   *
   * @param more one or more ids of the vocabulary
   * @param stop asked between parts of each layer
   * @throws IllegalArgumentException if there is no room for them
   * @throws StoppedException when stopped; the session is as before
   */
  public void append(int[] more, StopSignal stop) {
    int end = length + more.length;
    if (!(more.length > 0 && end <= tokens.length)) {
      throw new IllegalArgumentException(
          String.format("Cannot append %d tokens to %d of %d", more.length, length, tokens.length));
    }
    System.arraycopy(more, 0, tokens, length, more.length);
    StageState previous = null;
    for (StageState state : stages) {
      try (PtNDManager local = (PtNDManager) state.manager().newSubManager()) {
        if (previous == null) {
          PtNDArray ids = ids(local, length, end);
          program.call("embed_into", state.hidden(), ids, embedding, length).close();
        } else {
          program.call("move_into", state.hidden(), previous.hidden(), length, end).close();
        }
      }
      advance(state, end, stop);
      previous = state;
    }
    length = end;
  }

  private void advance(StageState state, int end, StopSignal stop) {
    LayerSteps steps = new LayerSteps(program, config, windows, chunks, stop);
    int layer = state.stage().firstLayer();
    for (int i = 0; i < state.caches().size(); i++, layer++) {
      steps.advance(
          layer,
          state.stage().layers().get(i),
          state.hidden(),
          state.tables(),
          state.caches().get(i),
          length,
          end);
    }
  }

  /** Takes back all tokens from a position on. */
  public void truncate(int toLength) {
    if (!(toLength >= 0 && toLength <= length)) {
      throw new IllegalArgumentException("Cannot cut " + length + " tokens to " + toLength);
    }
    length = toLength;
  }

  /**
   * NLL in nats of the tokens from a position to the end, each given all before it.
   *
   * @param from 1 … length − 1
   */
  public float[] nll(int from) {
    if (!(from >= 1 && from < length)) {
      throw new IllegalArgumentException("Cannot score from token " + from + " of " + length);
    }
    StageState last = stages.get(stages.size() - 1);
    try (PtNDManager local = (PtNDManager) last.manager().newSubManager()) {
      return new LayerSteps(program, config, windows, chunks, StopSignal.NEVER)
          .score(
              call(local, "positions", last.hidden(), from - 1, length - 1),
              output,
              ids(local, from, length),
              0,
              length - from);
    }
  }

  /** The token that the model holds most likely to come next; the lowest of equal ones. */
  public int likeliestNext() {
    return likeliest(length);
  }

  /**
   * The token that the model holds most likely at a position, given those before it.
   *
   * @param position 1 … length
   */
  int likeliest(int position) {
    if (!(position >= 1 && position <= length)) {
      throw new IllegalArgumentException("Cannot tell token " + position + " after " + length);
    }
    StageState last = stages.get(stages.size() - 1);
    try (PtNDManager local = (PtNDManager) last.manager().newSubManager()) {
      return (int)
          call(
                  local,
                  "likeliest",
                  last.hidden(),
                  output[0],
                  output[1],
                  position - 1,
                  config.rmsNormEpsilon())
              .getLong();
    }
  }

  /** The tokens read so far. */
  public int[] tokens() {
    return Arrays.copyOf(tokens, length);
  }

  /** ids [1, to - from]. */
  private PtNDArray ids(PtNDManager manager, int from, int to) {
    LongBuffer ids = LongBuffer.allocate(to - from);
    for (int t = from; t < to; t++) {
      ids.put(tokens[t]);
    }
    return (PtNDArray) manager.create(ids.flip(), new Shape(1, to - from), DataType.INT64);
  }

  private PtNDArray call(PtNDManager manager, String method, Object... arguments) {
    try (IValue result = program.call(method, arguments)) {
      return result.toTensor(manager);
    }
  }

  @Override
  public void close() {
    stages.forEach(state -> state.manager().close());
  }
}
