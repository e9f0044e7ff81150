package org.longrope.driver.factors;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;

/**
 * Rescaling as a command line requests it: a method or factors, and values that override theirs.
 * {@link #table} resolves it against a model.
 *
 * @param method used where there are no factors
 * @param factors null for a method
 * @param targetLength in tokens; null: the length that is measured, and always for a table
 * @param startTokens null: the file's, else 0
 * @param attentionFactor null: the file's, else su with factors, and the method's own with a method
 */
public record RescalingRequest(
    RopeMethod method,
    @Nullable FactorFile factors,
    @Nullable Integer targetLength,
    @Nullable Integer startTokens,
    @Nullable AttentionFactor attentionFactor) {

  public RescalingRequest {
    if (targetLength != null && factors != null && factors.isTable()) {
      throw new IllegalArgumentException("Each set of a table has its own target length");
    }
  }

  /** Requests a method with its own values. */
  public static RescalingRequest of(RopeMethod method) {
    return new RescalingRequest(method, null, null, null, null);
  }

  /** Requests factors with their own values. */
  public static RescalingRequest of(FactorFile factors) {
    return new RescalingRequest(RopeMethod.NONE, factors, null, null, null);
  }

  /** Returns the method, or the names of the files by ascending length. */
  public String name() {
    return factors == null ? method.toString() : factors.name();
  }

  /** Tells whether texts of different lengths up to one target may have different rescalings. */
  public boolean isDynamic() {
    return factors == null ? method == RopeMethod.DYNAMIC_NTK : factors.isTable();
  }

  /** Returns the rescaling for reading so many tokens. */
  public Rescaling at(int length, RopeGeometry rope) {
    return table(length, rope).at(length);
  }

  /**
   * Returns the rescalings at all lengths that a text goes through while it grows to the given one.
   * One set or method holds throughout, so that the text needs to be read only once.
   *
   * @param length that the text will have at most, in tokens
   */
  public FactorTable table(int length, RopeGeometry rope) {
    if (factors == null) {
      int target = targetLength == null ? length : targetLength;
      AttentionFactor attention =
          attentionFactor == null ? method.attentionFactor() : attentionFactor;
      return FactorTable.constant(
          new Rescaling(
              method.factors(rope, target, length),
              startTokens == null ? 0 : startTokens,
              attention.value(rope, target)));
    }
    if (!factors.isTable()) {
      return FactorTable.constant(resolve(factors.sets().get(0), length, rope));
    }
    List<FactorTable.Entry> entries = new ArrayList<>();
    for (FactorFile.Named named : factors.sets()) {
      int target = named.targetLength();
      entries.add(new FactorTable.Entry(target, resolve(named, target, rope)));
    }
    return new FactorTable(entries);
  }

  private Rescaling resolve(FactorFile.Named named, int length, RopeGeometry rope) {
    FactorSet set = named.relativeTo(rope);
    Integer ofFile = set.startTokens();
    int first = startTokens != null ? startTokens : ofFile != null ? ofFile : 0;
    return new Rescaling(set.factors(), first, attention(set, length, rope), set.queryScales());
  }

  private double attention(FactorSet set, int length, RopeGeometry rope) {
    int target = targetLength == null ? length : targetLength;
    if (attentionFactor != null) {
      return attentionFactor.value(rope, target);
    }
    Double ofFile = set.attentionFactor();
    if (ofFile != null) {
      return ofFile;
    }
    // Hugging Face computes su for a longrope config that has no attention factor.
    Integer ofFactors = set.targetLength();
    int extendedTo = targetLength == null && ofFactors != null ? ofFactors : target;
    return AttentionFactor.SU.value(rope, extendedTo);
  }

  /**
   * Checks that factors and query scales are of a model's shape.
   *
   * @throws BadInputException naming the file if the counts differ
   */
  public void requireFit(DecoderSpec model) {
    if (factors != null) {
      factors.sets().forEach(named -> named.set().requireFit(model, named.name()));
    }
  }
}
