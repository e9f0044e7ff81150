package org.longrope.eval.decoder;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerSpec.RopeUse;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Tables of angles of all layers: the model's, which a rescaling changes, that of windowed layers
 * with a base of their own, and one without pairs for layers that do not rotate. The query scales
 * of the rescaling hold for the layers of the model's table.
 */
public final class RotationTables implements AutoCloseable {
  private final RopeTables main;
  private final RopeTables local;
  private final RopeTables none;
  private final PtNDArray queryScales;
  private final List<RopeUse> uses;
  private final List<LayerRotation> layers = new ArrayList<>();

  /**
   * Divides query scales into those of layers.
   *
   * @param uses of the tables, one a layer
   */
  private RotationTables(
      RopeTables main,
      RopeTables local,
      RopeTables none,
      PtNDArray queryScales,
      List<RopeUse> uses) {
    this.main = main;
    this.local = local;
    this.none = none;
    this.queryScales = queryScales;
    this.uses = uses;
    PtNDArray unscaled = floats(queryScales.getManager(), new float[0], 0);
    boolean scaled = queryScales.size() > 0;
    for (int i = 0; i < uses.size(); i++) {
      RopeTables table =
          switch (uses.get(i)) {
            case MAIN -> main;
            case LOCAL -> local;
            case NONE -> none;
          };
      PtNDArray own = unscaled;
      if (scaled && uses.get(i) == RopeUse.MAIN) {
        own = (PtNDArray) queryScales.get(Math.min(i, queryScales.getShape().get(0) - 1));
      }
      layers.add(new LayerRotation(table.cos(), table.sin(), own));
    }
  }

  /**
   * Computes the tables on the manager's device and attaches them to it.
   *
   * @param positions for which there are angles, from 0
   * @param length of the text, on which some base tables depend, tokens
   * @throws IllegalArgumentException if the factors or query scales do not fit the model
   */
  public static RotationTables of(
      DecoderProgram program,
      PtNDManager manager,
      DecoderSpec spec,
      Rescaling rescaling,
      int positions,
      int length) {
    requireFit(spec, rescaling.queryScales());
    RopeTables main = RopeTables.of(program, manager, spec.rope(), rescaling, positions, length);
    RopeGeometry own = spec.localRope();
    RopeTables local = main;
    if (own != null) {
      Rescaling identity = new Rescaling(RescaleFactors.uniform(own.pairs(), 1), 0, 1);
      local = RopeTables.of(program, manager, own, identity, positions, length);
    }
    return new RotationTables(
        main,
        local,
        new RopeTables(
            floats(manager, new float[0], positions, 0),
            floats(manager, new float[0], positions, 0)),
        scales(manager, rescaling.queryScales()),
        spec.layers().stream().map(layer -> layer.rope()).toList());
  }

  private static void requireFit(DecoderSpec spec, QueryScales scales) {
    int heads = spec.attention().heads();
    int pairs = spec.rope().pairs();
    if (!scales.fits(spec.layerCount(), heads, pairs)) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot scale the queries of %d layers, %d heads and %d pairs by scales of %d, %d and"
                  + " %d",
              spec.layerCount(), heads, pairs, scales.layers(), scales.heads(), scales.pairs()));
    }
  }

  private static PtNDArray scales(PtNDManager manager, QueryScales scales) {
    float[] values = new float[scales.size()];
    double[] exact = scales.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) exact[i];
    }
    return scales.isNone()
        ? floats(manager, values, 0)
        : floats(manager, values, scales.layers(), scales.heads(), 1, scales.pairs());
  }

  private static PtNDArray floats(PtNDManager manager, float[] values, long... shape) {
    return (PtNDArray) manager.create(FloatBuffer.wrap(values), new Shape(shape), DataType.FLOAT32);
  }

  /** Returns the model's table. */
  RopeTables main() {
    return main;
  }

  /**
   * Returns the query scales of all layers, [L or 1, H or 1, 1, R/2] float32; empty, [0], for none.
   */
  PtNDArray queryScales() {
    return queryScales;
  }

  /** Returns the rotation of a layer of the model. */
  public LayerRotation layer(int index) {
    return layers.get(index);
  }

  /**
   * Returns cos and sin of each table in the order of {@link RopeUse}, and the query scales of all
   * layers.
   */
  public List<PtNDArray> inOrder() {
    return Stream.concat(
            Stream.of(main, local, none).flatMap(table -> Stream.of(table.cos(), table.sin())),
            Stream.of(queryScales))
        .toList();
  }

  /** Returns a copy that autograd accepts, which rejects what was computed in inference mode. */
  public RotationTables duplicate() {
    RopeTables copy = main.duplicate();
    return new RotationTables(
        copy,
        hasOneTable() ? copy : local.duplicate(),
        none.duplicate(),
        (PtNDArray) queryScales.duplicate(),
        uses);
  }

  /** Compares the objects: equality of tables would compare their contents. */
  @SuppressWarnings("ReferenceEquality")
  private boolean hasOneTable() {
    return local == main;
  }

  @Override
  public void close() {
    layers.forEach(layer -> layer.queryScales().close());
    queryScales.close();
    if (!hasOneTable()) {
      local.close();
    }
    main.close();
    none.close();
  }
}
