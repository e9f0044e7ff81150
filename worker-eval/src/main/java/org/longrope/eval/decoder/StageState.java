package org.longrope.eval.decoder;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import org.longrope.eval.rope.Rescaling;

/**
 * State of a sequence on one device.
 *
 * @param manager of the state's tensors
 * @param hidden [1, capacity, D]; after the stage's layers, up to the sequence's length
 * @param tables for the positions of the capacity
 * @param caches one for each layer of the stage, of capacity positions
 */
record StageState(
    Stage stage,
    PtNDManager manager,
    PtNDArray hidden,
    RotationTables tables,
    List<KeyValueCache> caches)
    implements AutoCloseable {

  /**
   * Allocates the state.
   *
   * @param textLength on which some base tables depend, tokens
   * @param keepAllLayers whether each layer has keys and values of its own; else all have the same
   */
  static StageState allocate(
      LoadedDecoder decoder,
      Stage stage,
      int capacity,
      Rescaling rescaling,
      int textLength,
      boolean keepAllLayers) {
    DecoderProgram program = decoder.program();
    PtNDManager manager = (PtNDManager) stage.manager().newSubManager();
    PtNDArray like = (PtNDArray) manager.create(new Shape(1));
    PtNDArray hidden =
        program.callForTensor(manager, "allocate", decoder.embedding(), like, capacity);
    List<KeyValueCache> caches = new ArrayList<>();
    for (int i = 0; i < stage.layers().size(); i++) {
      if (i == 0 || keepAllLayers) {
        PtNDArray[] allocated = program.callForTensors(manager, "caches", hidden);
        caches.add(new KeyValueCache(allocated[0], allocated[1]));
      } else {
        caches.add(caches.get(0));
      }
    }
    RotationTables tables =
        RotationTables.of(program, manager, decoder.config(), rescaling, capacity, textLength);
    return new StageState(stage, manager, hidden, tables, caches);
  }

  /** Writes the embeddings of tokens to the hidden states from a position on. */
  void embed(LoadedDecoder decoder, int[] tokens, int from) {
    try (PtNDManager local = (PtNDManager) manager.newSubManager()) {
      decoder.program().run("embed_into", hidden, ids(local, tokens), decoder.embedding(), from);
    }
  }

  /** Returns tokens as a tensor [1, n] int64. */
  static PtNDArray ids(PtNDManager manager, int[] tokens) {
    LongBuffer ids = LongBuffer.allocate(tokens.length);
    for (int token : tokens) {
      ids.put(token);
    }
    return (PtNDArray) manager.create(ids.flip(), new Shape(1, tokens.length), DataType.INT64);
  }

  @Override
  public void close() {
    manager.close();
  }
}
