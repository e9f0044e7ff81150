package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.longrope.eval.rope.Rescaling;

/**
 * Sequence on its way through the decoder. A session that keeps the keys and values of all layers
 * reads further tokens at their own cost alone, and can drop its last tokens, so that a prefix is
 * read once for many continuations. A session for one pass has the keys and values of one layer,
 * which the next layer overwrites.
 *
 * <p>One rescaling holds for all tokens of a session, because keys are stored rotated. A caller
 * whose factors depend on the length begins another session when they change.
 */
public final class DecodingSession implements AutoCloseable {
  private final LoadedDecoder decoder;
  private final List<StageState> stages = new ArrayList<>();
  private final int[] tokens;
  private int length;

  private DecodingSession(
      LoadedDecoder decoder,
      int capacity,
      Rescaling rescaling,
      int textLength,
      boolean keepAllLayers) {
    this.decoder = decoder;
    tokens = new int[capacity];
    try {
      for (Stage stage : decoder.stages()) {
        stages.add(
            StageState.allocate(decoder, stage, capacity, rescaling, textLength, keepAllLayers));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Begins a session that keeps the keys and values of all layers. */
  static DecodingSession growing(LoadedDecoder decoder, int capacity, Rescaling rescaling) {
    return new DecodingSession(decoder, capacity, rescaling, capacity, true);
  }

  /**
   * Begins a session whose tokens are all appended at once, with the memory of one layer.
   *
   * @param textLength on which some base tables depend, tokens
   */
  static DecodingSession forOnePass(
      LoadedDecoder decoder, int capacity, Rescaling rescaling, int textLength) {
    return new DecodingSession(decoder, capacity, rescaling, textLength, false);
  }

  /** Returns the number of tokens read so far. */
  public int length() {
    return length;
  }

  /** Returns the tokens read so far. */
  public int[] tokens() {
    return Arrays.copyOf(tokens, length);
  }

  /**
   * Reads more tokens.
   *
   * @param more one or more ids of the vocabulary
   * @param stop asked between parts of each layer
   * @throws IllegalArgumentException if they exceed the capacity
   * @throws StoppedException when stopped; the session is as before
   */
  public void append(int[] more, StopSignal stop) {
    int end = length + more.length;
    if (!(more.length > 0 && end <= tokens.length)) {
      throw new IllegalArgumentException(
          String.format("Cannot append %d tokens to %d of %d", more.length, length, tokens.length));
    }
    System.arraycopy(more, 0, tokens, length, more.length);
    LayerSteps steps = new LayerSteps(decoder, stop);
    StageState previous = null;
    for (StageState state : stages) {
      if (previous == null) {
        state.embed(decoder, more, length);
      } else {
        decoder.program().run("move_into", state.hidden(), previous.hidden(), length, end);
      }
      Stage stage = state.stage();
      for (int i = 0; i < stage.layers().size(); i++) {
        steps.layer(
            stage.firstLayer() + i,
            stage.layers().get(i),
            state.hidden(),
            state.tables().layer(stage.firstLayer() + i),
            state.caches().get(i),
            length,
            end);
      }
      previous = state;
    }
    length = end;
  }

  /** Drops all tokens from a position on. */
  public void truncate(int toLength) {
    if (!(toLength >= 0 && toLength <= length)) {
      throw new IllegalArgumentException("Cannot cut " + length + " tokens to " + toLength);
    }
    length = toLength;
  }

  /**
   * Returns the NLL in nats of the tokens from a position to the end, each given all before it.
   *
   * @param from 1 … length − 1
   */
  public float[] nll(int from) {
    if (!(from >= 1 && from < length)) {
      throw new IllegalArgumentException("Cannot score from token " + from + " of " + length);
    }
    return score(from, Arrays.copyOfRange(tokens, from, length), StopSignal.NEVER);
  }

  /**
   * Returns the NLL in nats of tokens at consecutive positions, each given the session's tokens
   * before it.
   *
   * @param from position of the first target, 1 … length
   * @param targets at most length − from + 1 ids
   * @param stop asked between blocks of positions
   */
  float[] score(int from, int[] targets, StopSignal stop) {
    StageState last = stages.get(stages.size() - 1);
    try (PtNDManager local = (PtNDManager) last.manager().newSubManager()) {
      PtNDArray hidden =
          decoder
              .program()
              .callForTensor(
                  local, "positions", last.hidden(), from - 1, from - 1 + targets.length);
      return new LayerSteps(decoder, stop).score(hidden, StageState.ids(local, targets));
    }
  }

  /** Returns the most likely next token; the lowest of equal ones. */
  public int argmax() {
    return argmax(length);
  }

  /**
   * Returns the most likely token of a position, given those before it.
   *
   * @param position 1 … length
   */
  int argmax(int position) {
    if (!(position >= 1 && position <= length)) {
      throw new IllegalArgumentException("Cannot predict token " + position + " after " + length);
    }
    StageState last = stages.get(stages.size() - 1);
    try (PtNDManager local = (PtNDManager) last.manager().newSubManager()) {
      return (int)
          decoder
              .program()
              .callForTensor(local, "argmax", last.hidden(), decoder.output(), position - 1)
              .getLong();
    }
  }

  @Override
  public void close() {
    stages.forEach(StageState::close);
  }
}
