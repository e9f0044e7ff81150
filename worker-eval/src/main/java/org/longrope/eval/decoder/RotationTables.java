package org.longrope.eval.decoder;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.List;
import java.util.stream.Stream;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerSpec.RopeUse;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Tables of angles of all layers: the model's, which a rescaling changes, that of windowed layers
 * with a base of their own, and one without pairs for layers that do not rotate.
 */
public record RotationTables(RopeTables main, RopeTables local, RopeTables none)
    implements AutoCloseable {
  /**
   * Computes the tables on the manager's device and attaches them to it.
   *
   * @param positions for which there are angles, from 0
   * @param length of the text, on which some base tables depend, tokens
   */
  public static RotationTables of(
      DecoderProgram program,
      PtNDManager manager,
      DecoderSpec spec,
      Rescaling rescaling,
      int positions,
      int length) {
    RopeTables main = RopeTables.of(program, manager, spec.rope(), rescaling, positions, length);
    RopeGeometry own = spec.localRope();
    RopeTables local = main;
    if (own != null) {
      Rescaling identity = new Rescaling(RescaleFactors.uniform(own.pairs(), 1), 0, 1);
      local = RopeTables.of(program, manager, own, identity, positions, length);
    }
    return new RotationTables(
        main, local, new RopeTables(empty(manager, positions), empty(manager, positions)));
  }

  private static PtNDArray empty(PtNDManager manager, int positions) {
    return (PtNDArray) manager.create(new Shape(positions, 0), DataType.FLOAT32);
  }

  /** Returns the tables of a layer. */
  public RopeTables of(RopeUse use) {
    return switch (use) {
      case MAIN -> main;
      case LOCAL -> local;
      case NONE -> none;
    };
  }

  /** Returns cos and sin of each table in the order of {@link RopeUse}. */
  public List<PtNDArray> inOrder() {
    return Stream.of(main, local, none)
        .flatMap(table -> Stream.of(table.cos(), table.sin()))
        .toList();
  }

  /** Returns a copy that autograd accepts, which rejects what was computed in inference mode. */
  public RotationTables duplicate() {
    RopeTables copy = main.duplicate();
    return new RotationTables(copy, hasOneTable() ? copy : local.duplicate(), none.duplicate());
  }

  /** Compares the objects: equality of tables would compare their contents. */
  @SuppressWarnings("ReferenceEquality")
  private boolean hasOneTable() {
    return local == main;
  }

  @Override
  public void close() {
    if (!hasOneTable()) {
      local.close();
    }
    main.close();
    none.close();
  }
}
