package org.longrope.eval.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.RowRange;
import org.longrope.eval.checkpoint.SafetensorsFile;
import org.longrope.eval.checkpoint.SafetensorsWriter;
import org.longrope.eval.checkpoint.TensorView;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.TensorPart;

/**
 * A training's state on disk: one safetensors file with weights, moments and step, so that it is
 * there whole or not at all; and the finished weights as a checkpoint's model.safetensors.
 */
public final class StateFiles {
  private static final String STEP = "step";
  private static final String PLAN = "plan";
  private static final String WEIGHT = "weight/";
  private static final String FIRST = "first_moment/";
  private static final String SECOND = "second_moment/";

  private StateFiles() {}

  /**
   * Writes a state.
   *
   * @param plan text that a resumed training must repeat
   */
  public static void save(Path file, TrainingState state, String plan) throws IOException {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    state.weights().forEach((name, tensor) -> entries.add(entry(WEIGHT + name, tensor, DType.F32)));
    state
        .firstMoments()
        .forEach((name, tensor) -> entries.add(entry(FIRST + name, tensor, DType.F32)));
    state
        .secondMoments()
        .forEach((name, tensor) -> entries.add(entry(SECOND + name, tensor, DType.F32)));
    SafetensorsWriter.write(
        file, Map.of(STEP, Integer.toString(state.step()), PLAN, plan), entries);
  }

  /**
   * Reads a state.
   *
   * @throws BadInputException if the file is damaged or belongs to another plan
   */
  public static TrainingState load(Path file, String plan) {
    SafetensorsFile saved = SafetensorsFile.open(file);
    if (!plan.equals(saved.metadata().get(PLAN))) {
      throw BadInputException.of(
          "%s belongs to a training with other options, model or data: expected those it was begun"
              + " with; give them again or choose another --output.",
          file);
    }
    Map<String, FloatTensor> weights = new LinkedHashMap<>();
    Map<String, FloatTensor> first = new LinkedHashMap<>();
    Map<String, FloatTensor> second = new LinkedHashMap<>();
    for (String name : saved.names()) {
      Map<String, FloatTensor> group =
          name.startsWith(WEIGHT) ? weights : name.startsWith(FIRST) ? first : second;
      group.put(name.substring(name.indexOf('/') + 1), floats(saved.view(name)));
    }
    // Missing moments would count as zeros, and the resumed training would be another one.
    if (!first.keySet().equals(weights.keySet()) || !second.keySet().equals(weights.keySet())) {
      throw BadInputException.of(
          "%s has not two moments for each weight: expected the state of a training; begin it again"
              + " in another --output.",
          file);
    }
    return new TrainingState(step(saved, file), weights, first, second);
  }

  private static int step(SafetensorsFile saved, Path file) {
    String step = saved.metadata().getOrDefault(STEP, "nothing");
    try {
      return Integer.parseUnsignedInt(step);
    } catch (NumberFormatException e) {
      throw new BadInputException(
          String.format(
              "%s was saved after step '%s': expected a whole number; begin the training again in"
                  + " another --output.",
              file, step),
          e);
    }
  }

  /** Writes weights as model.safetensors of a checkpoint. */
  public static void saveModel(Path file, Map<String, FloatTensor> weights, DType type)
      throws IOException {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    weights.forEach((name, tensor) -> entries.add(entry(name, tensor, type)));
    SafetensorsWriter.write(file, Map.of("format", "pt"), entries);
  }

  /** Returns a checkpoint's weights, widened to float32, from which continued training begins. */
  public static Map<String, FloatTensor> weightsOf(Checkpoint checkpoint) {
    DecoderSpec config = checkpoint.config();
    Map<String, FloatTensor> weights = new LinkedHashMap<>();
    for (TensorPart part : config.weights()) {
      if (!weights.containsKey(part.tensor())) {
        weights.put(part.tensor(), floats(checkpoint.whole(part)));
      }
    }
    return weights;
  }

  private static SafetensorsWriter.Entry entry(String name, FloatTensor tensor, DType type) {
    return new SafetensorsWriter.Entry(
        name,
        type,
        tensor.shape(),
        () ->
            RowRange.pieces(tensor.values().length, type.bytes()).stream()
                .map(piece -> bytes(tensor.values(), piece, type))
                .iterator());
  }

  private static ByteBuffer bytes(float[] values, RowRange piece, DType type) {
    ByteBuffer bytes =
        ByteBuffer.allocate(piece.size() * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = (int) piece.from(); i < piece.to(); i++) {
      type.put(bytes, values[i]);
    }
    return bytes.flip();
  }

  private static FloatTensor floats(TensorView view) {
    float[] values = new float[Math.toIntExact(view.elements())];
    int next = 0;
    for (RowRange piece : RowRange.pieces(view.rows(), view.rowBytes())) {
      ByteBuffer bytes = view.rows(piece.from(), piece.to());
      while (bytes.hasRemaining()) {
        values[next++] = view.dtype().get(bytes);
      }
    }
    return new FloatTensor(view.shape(), values);
  }
}
