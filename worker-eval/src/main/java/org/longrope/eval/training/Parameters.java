package org.longrope.eval.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.checkpoint.TensorPart;

/**
 * The weights being trained and their moments, each stored tensor once (tied and fused ones too).
 */
final class Parameters {
  private final List<@Nullable TensorPart> order;
  private final Map<String, PtNDArray> weights = new LinkedHashMap<>();
  private final Map<String, PtNDArray> first = new LinkedHashMap<>();
  private final Map<String, PtNDArray> second = new LinkedHashMap<>();
  private final PtNDArray none;

  Parameters(PtNDManager manager, ModelConfig config, TrainingState state) {
    order = TensorPart.programOrder(config);
    none = (PtNDArray) manager.create(new Shape(0));
    for (TensorPart part : order) {
      if (part == null || weights.containsKey(part.tensor())) {
        continue;
      }
      String name = part.tensor();
      FloatTensor weight = state.weights().get(name);
      if (weight == null || !weight.shape().equals(part.shape())) {
        throw new IllegalArgumentException("No weight " + name + " of shape " + part.shape());
      }
      PtNDArray tensor = tensor(manager, weight);
      tensor.setRequiresGradient(true);
      weights.put(name, tensor);
      first.put(name, moment(manager, state.firstMoments().get(name), tensor));
      second.put(name, moment(manager, state.secondMoments().get(name), tensor));
    }
  }

  private static PtNDArray tensor(PtNDManager manager, FloatTensor values) {
    Shape shape = new Shape(values.shape().stream().mapToLong(Long::longValue).toArray());
    return (PtNDArray) manager.create(FloatBuffer.wrap(values.values()), shape, DataType.FLOAT32);
  }

  private static PtNDArray moment(
      PtNDManager manager, @Nullable FloatTensor saved, PtNDArray weight) {
    return saved == null
        ? (PtNDArray) manager.zeros(weight.getShape(), DataType.FLOAT32)
        : tensor(manager, saved);
  }

  /**
   * The program's list of weights; parts of fused tensors are views, made anew for each graph and
   * gone with the manager.
   */
  List<NDArray> inProgramOrder(NDManager local) {
    List<NDArray> list = new ArrayList<>();
    for (TensorPart part : order) {
      if (part == null) {
        list.add(none);
        continue;
      }
      NDArray whole = Objects.requireNonNull(weights.get(part.tensor()));
      boolean isWhole = part.to() - part.from() == part.shape().get(0);
      list.add(isWhole ? whole : whole.get(local, new NDIndex("{}:{}", part.from(), part.to())));
    }
    return list;
  }

  PtNDArray[] trained() {
    return weights.values().toArray(PtNDArray[]::new);
  }

  /** The accumulated gradients, sharing memory with what autograd adds to. */
  PtNDArray[] gradients() {
    return weights.values().stream().map(PtNDArray::getGradient).toArray(PtNDArray[]::new);
  }

  PtNDArray[] firstMoments() {
    return first.values().toArray(PtNDArray[]::new);
  }

  PtNDArray[] secondMoments() {
    return second.values().toArray(PtNDArray[]::new);
  }

  TrainingState state(int step) {
    return new TrainingState(step, copy(weights), copy(first), copy(second));
  }

  private static Map<String, FloatTensor> copy(Map<String, PtNDArray> tensors) {
    Map<String, FloatTensor> copy = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          List<Long> shape = new ArrayList<>();
          for (long dimension : tensor.getShape().getShape()) {
            shape.add(dimension);
          }
          copy.put(name, new FloatTensor(shape, tensor.toFloatArray()));
        });
    return copy;
  }
}
