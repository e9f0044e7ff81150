package org.longrope.driver.measure.perplexity;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.longrope.driver.factors.FactorSet;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;

/**
 * What a command line says of the rescaling: one choice for all lengths, or several factor files,
 * each for texts of up to its own target length.
 *
 * @param choices one; or several with factors, by ascending target length as {@code FactorSets} is
 */
public record RescalingByLength(List<Named> choices) {

  /**
   * A choice as it was asked for.
   *
   * @param name the factors' file or the method
   */
  public record Named(String name, RescalingChoice choice) {
    private int targetLength() {
      FactorSet factors = Objects.requireNonNull(choice.factors(), "several choices are files");
      return Objects.requireNonNull(factors.targetLength(), "FactorSets has checked it");
    }

    /** The same, extending to the file's own length wherever it is used. */
    private Named forOwnLength() {
      return new Named(
          name,
          new RescalingChoice(
              choice.method(),
              choice.factors(),
              targetLength(),
              choice.startTokens(),
              choice.attentionFactor()));
    }
  }

  public RescalingByLength {
    choices = choices.size() > 1 ? choices.stream().map(Named::forOwnLength).toList() : choices;
    choices = List.copyOf(choices);
  }

  /** Whether texts of different lengths up to the same target may have different rescalings. */
  public boolean isDynamic() {
    return choices.size() > 1 || choices.get(0).choice().method() == RopeMethod.DYNAMIC_NTK;
  }

  /** The rescaling for reading so many tokens. */
  public Rescaling at(int length, RopeGeometry rope) {
    return table(length, rope).at(length);
  }

  /**
   * The rescalings at all lengths that a text goes through while it grows to the given one. With
   * one choice it is the same throughout, so that it needs to be read only once.
   *
   * @param length that the text will have at most, in tokens
   */
  public FactorTable table(int length, RopeGeometry rope) {
    if (choices.size() == 1) {
      return FactorTable.constant(choices.get(0).choice().at(length, rope));
    }
    List<FactorTable.Entry> entries = new ArrayList<>();
    for (Named named : choices) {
      int target = named.targetLength();
      entries.add(new FactorTable.Entry(target, named.choice().at(target, rope)));
    }
    return new FactorTable(entries);
  }

  /**
   * Checks that there is one factor for each rotated pair of a model.
   *
   * @throws BadInputException naming the file if the counts differ
   */
  public void requirePairs(RopeGeometry rope) {
    for (Named named : choices) {
      FactorSet factors = named.choice().factors();
      if (factors != null) {
        factors.requirePairs(rope.pairs(), named.name());
      }
    }
  }

  /** The method, or the files by ascending length. */
  public String name() {
    return choices.stream().map(Named::name).collect(Collectors.joining(", "));
  }
}
