package org.longrope.eval.decoder;

import ai.djl.Device;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.HashMap;
import java.util.Map;

/**
 * Hidden states before layers, kept from the forward pass for the backward pass: on the layer's
 * device as long as there is room, else in the host's memory.
 */
final class LayerInputs implements AutoCloseable {
  private final LoadedDecoder decoder;
  private final PtNDManager host = Libtorch.manager(Device.cpu());
  private final Map<Integer, PtNDArray> kept = new HashMap<>();

  LayerInputs(LoadedDecoder decoder) {
    this.decoder = decoder;
  }

  /**
   * Copies the hidden states before a layer.
   *
   * @param state whose hidden states [1, T, D] are copied
   * @param onDevice whether there is room for them on the device of the state
   */
  void keep(int layer, StageState state, boolean onDevice) {
    PtNDArray hidden = state.hidden();
    PtNDManager manager = onDevice ? state.manager() : host;
    int positions = positions(hidden);
    try (PtNDArray like = (PtNDArray) manager.create(0f)) {
      PtNDArray copy =
          decoder
              .program()
              .callForTensor(manager, "allocate", decoder.embedding(), like, positions);
      decoder.program().run("move_into", copy, hidden, 0, positions);
      kept.put(layer, copy);
    }
  }

  /** Writes the hidden states before a layer to those of a state, and forgets them. */
  void restore(int layer, StageState state) {
    try (PtNDArray copy = kept.remove(layer)) {
      decoder.program().run("move_into", state.hidden(), copy, 0, positions(copy));
    }
  }

  private static int positions(PtNDArray hidden) {
    return Math.toIntExact(hidden.getShape().get(1));
  }

  @Override
  public void close() {
    kept.values().forEach(PtNDArray::close);
    host.close();
  }
}
