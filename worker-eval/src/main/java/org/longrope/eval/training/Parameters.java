package org.longrope.eval.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.TensorPart;

/**
 * Trained weights of a model with their moments, and the model's weights that follow from them:
 * each stored tensor once (tied and fused ones too), or those of a frozen checkpoint with low-rank
 * changes.
 */
final class Parameters {
  private final DecoderSpec config;
  private final @Nullable Lora lowRank;
  private final Map<String, PtNDArray> frozen = new LinkedHashMap<>();
  private final Map<String, PtNDArray> trained = new LinkedHashMap<>();
  private final Map<String, PtNDArray> first = new LinkedHashMap<>();
  private final Map<String, PtNDArray> second = new LinkedHashMap<>();
  private final PtNDArray none;

  Parameters(PtNDManager manager, TrainedModel model, TrainingState state) {
    config = model.config();
    lowRank = model.lowRank();
    none = (PtNDArray) manager.create(new Shape(0));
    model
        .base()
        .forEach((name, values) -> frozen.put(name, HeapTensors.toLibtorch(manager, values)));
    // One order in every process: the sum of the gradients' squares depends on it in its last bits.
    new TreeMap<>(state.weights())
        .forEach(
            (name, values) -> {
              PtNDArray weight = HeapTensors.toLibtorch(manager, values);
              weight.setRequiresGradient(true);
              trained.put(name, weight);
              first.put(name, moment(manager, state.firstMoments().get(name), weight));
              second.put(name, moment(manager, state.secondMoments().get(name), weight));
            });
    Map<String, PtNDArray> weights = lowRank == null ? trained : frozen;
    for (TensorPart part : config.weights()) {
      if (!part.shape().equals(shape(weights.get(part.tensor())))) {
        throw new IllegalArgumentException(
            "No weight " + part.tensor() + " of shape " + part.shape());
      }
    }
  }

  private static PtNDArray moment(
      PtNDManager manager, @Nullable FloatTensor saved, PtNDArray weight) {
    return saved == null
        ? (PtNDArray) manager.zeros(weight.getShape(), DataType.FLOAT32)
        : HeapTensors.toLibtorch(manager, saved);
  }

  private static @Nullable List<Long> shape(@Nullable NDArray tensor) {
    if (tensor == null) {
      return null;
    }
    List<Long> shape = new ArrayList<>();
    for (long dimension : tensor.getShape().getShape()) {
      shape.add(dimension);
    }
    return shape;
  }

  /**
   * Returns the program's list of all weights, made again for each graph and freed with the
   * manager.
   */
  List<NDArray> inProgramOrder(NDManager local) {
    List<@Nullable TensorPart> all = new ArrayList<>();
    all.add(config.embedding());
    for (int layer = 0; layer < config.layerCount(); layer++) {
      all.addAll(config.programOrder(layer));
    }
    all.addAll(config.output().programOrder());
    return of(all, local);
  }

  /** Returns whether the embedding is trained: low-rank changes do not change it. */
  boolean trainsEmbedding() {
    return lowRank == null;
  }

  /** Returns the embedding, alone in a list. */
  List<NDArray> embedding(NDManager local) {
    return of(List.of(config.embedding()), local);
  }

  /** Returns one layer's weights. */
  List<NDArray> layer(int layer, NDManager local) {
    return of(config.programOrder(layer), local);
  }

  /** Returns the final norm and the output head. */
  List<NDArray> output(NDManager local) {
    return of(config.output().programOrder(), local);
  }

  private List<NDArray> of(List<@Nullable TensorPart> parts, NDManager local) {
    Map<String, NDArray> whole = new HashMap<>();
    List<NDArray> list = new ArrayList<>();
    for (TensorPart part : parts) {
      if (part == null) {
        list.add(none);
        continue;
      }
      NDArray tensor = whole.computeIfAbsent(part.tensor(), name -> weight(name, local));
      list.add(part.isWhole() ? tensor : rows(tensor, part, local));
    }
    return list;
  }

  private static NDArray rows(NDArray tensor, TensorPart part, NDManager local) {
    NDArray stacked = tensor;
    if (part.leading() > 1) {
      List<Long> shape = part.shape();
      List<Long> flat = new ArrayList<>(shape.subList(part.leading(), shape.size()));
      flat.add(0, shape.subList(0, part.leading()).stream().reduce(1L, Math::multiplyExact));
      stacked = tensor.reshape(new Shape(flat));
      stacked.attach(local);
    }
    return stacked.get(local, new NDIndex("{}:{}", part.from(), part.to()));
  }

  /** Returns a tensor as the model uses it. */
  private NDArray weight(String name, NDManager local) {
    if (lowRank == null) {
      return Objects.requireNonNull(trained.get(name));
    }
    NDArray base = Objects.requireNonNull(frozen.get(name));
    if (!lowRank.adapts(name)) {
      return base;
    }
    NDArray a = Objects.requireNonNull(trained.get(Lora.factor(name, Lora.A)));
    NDArray b = Objects.requireNonNull(trained.get(Lora.factor(name, Lora.B)));
    NDArray changed = base.add(b.matMul(a).mul(lowRank.scale()));
    changed.attach(local);
    return changed;
  }

  PtNDArray[] trained() {
    return trained.values().toArray(PtNDArray[]::new);
  }

  /** Returns the accumulated gradients, in the memory that autograd adds to. */
  PtNDArray[] gradients() {
    return trained.values().stream().map(PtNDArray::getGradient).toArray(PtNDArray[]::new);
  }

  PtNDArray[] firstMoments() {
    return first.values().toArray(PtNDArray[]::new);
  }

  PtNDArray[] secondMoments() {
    return second.values().toArray(PtNDArray[]::new);
  }

  /** Returns a copy of the trained weights and moments. */
  TrainingState state(int step) {
    return new TrainingState(step, copy(trained), copy(first), copy(second));
  }

  private static Map<String, FloatTensor> copy(Map<String, PtNDArray> tensors) {
    Map<String, FloatTensor> copy = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            copy.put(
                name,
                new FloatTensor(
                    Objects.requireNonNull(shape(tensor)), HeapTensors.values(tensor))));
    return copy;
  }
}
