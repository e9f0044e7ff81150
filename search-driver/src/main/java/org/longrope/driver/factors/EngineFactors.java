package org.longrope.driver.factors;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Factors in the form that engines need: original window, extension ratio and attention factor are
 * known, one set holds up to the original window and another beyond it.
 *
 * @param sets none of the three is absent, and all have the same window
 * @param choice of the factors within the original window
 * @param modelsOwn short factors that the model came with; null if it has none
 */
record EngineFactors(FactorFile sets, ShortFactors choice, @Nullable RescaleFactors modelsOwn) {

  /**
   * Completes the files by values of the model and of the command line.
   *
   * @param config the model's; null: the files alone decide
   * @throws BadInputException if something is missing, or sets belong to different windows
   */
  static EngineFactors settle(
      FactorExport export, @Nullable HfConfig config, Consumer<String> warnings) {
    FactorFile given = export.factors();
    if (export.targetLength() != null && given.isTable()) {
      throw new BadInputException(
          "--target-length is one length, but each of several --factors has its own: expected it"
              + " with one file; leave it out.");
    }
    FactorFile sets = given.map(named -> complete(export, named, config, warnings));
    FactorFile.Named first = sets.sets().get(0);
    for (FactorFile.Named named : sets.sets()) {
      int window = window(named.set());
      if (window != window(first.set())) {
        throw BadInputException.of(
            "%s extends a window of %d tokens and %s one of %d: expected the factors of one model;"
                + " leave the other's out.",
            first.name(), window(first.set()), named.name(), window);
      }
    }
    ShortFactors choice = choice(export.shortFactors(), sets, window(first.set()));
    return new EngineFactors(sets, choice, config == null ? null : config.shortFactors());
  }

  private static ShortFactors choice(
      @Nullable ShortFactors requested, FactorFile sets, int window) {
    int target = target(sets.longest());
    boolean found = sets.isTable() || target <= window;
    if (requested == ShortFactors.FOUND && !found) {
      throw BadInputException.of(
          "--short-factors found needs a set for the original window of %d tokens, and %s is for"
              + " %d: add the set by a second --factors, or choose long or original.",
          window, sets.name(), target);
    }
    return requested != null ? requested : found ? ShortFactors.FOUND : ShortFactors.ORIGINAL;
  }

  FactorSet longest() {
    return sets.longest();
  }

  /** Returns the number of tokens up to which engines use the short factors. */
  int originalWindow() {
    return window(longest());
  }

  int targetLength() {
    return target(longest());
  }

  private static int target(FactorSet set) {
    return Objects.requireNonNull(set.targetLength(), "settled");
  }

  double longAttention() {
    return attention(longest());
  }

  /** Returns λ within the original window. */
  RescaleFactors shortFactors() {
    return switch (choice) {
      case LONG -> longest().factors();
      case FOUND -> within().set().factors();
      case ORIGINAL -> modelsOwn != null ? modelsOwn : longest().shortFactorsOrOnes();
    };
  }

  /** Returns the attention factor within the original window, for engines that have one. */
  double shortAttention() {
    return choice == ShortFactors.FOUND ? attention(within().set()) : longAttention();
  }

  /** Returns the set for texts as long as the original window. */
  FactorFile.Named within() {
    return sets.sets().stream()
        .filter(named -> named.targetLength() >= originalWindow())
        .findFirst()
        .orElse(sets.sets().get(sets.sets().size() - 1));
  }

  /** Returns the attention factor that Hugging Face computes where a file has none. */
  double su() {
    return value(AttentionFactor.SU, longest());
  }

  /** Tells whether engines that always compute su get these factors' attention factor. */
  boolean isSu() {
    return same(longAttention(), su()) && same(shortAttention(), su());
  }

  static boolean same(double a, double b) {
    return Math.abs(a - b) <= 1e-6 * b;
  }

  static double attention(FactorSet set) {
    return Objects.requireNonNull(set.attentionFactor(), "settled");
  }

  private static int window(FactorSet set) {
    return Objects.requireNonNull(set.originalWindow(), "settled");
  }

  private static FactorSet complete(
      FactorExport export,
      FactorFile.Named named,
      @Nullable HfConfig config,
      Consumer<String> warnings) {
    FactorSet factors = named.set();
    String name = named.name();
    Integer window = factors.originalWindow();
    if (config != null) {
      int models = config.originalWindow();
      if (window != null && window != models) {
        warnings.accept(
            String.format(
                "Factors in %s extend a window of %d tokens, %s has %d; %d is written.",
                name, window, config.file(), models, window));
      }
      window = window != null ? window : (Integer) models;
    }
    if (window == null) {
      throw BadInputException.of(
          "Cannot export %s to %s: it has no original window; use a factors.json or give --model.",
          name, export.format());
    }
    Integer target = export.targetLength();
    Double ratio = target == null ? factors.extensionRatio() : (Double) ((double) target / window);
    if (ratio == null) {
      throw BadInputException.of(
          "Cannot export %s to %s: it has no extension ratio; use a factors.json or give"
              + " --target-length.",
          name, export.format());
    }
    if (!(ratio > 0 && ratio * window <= Integer.MAX_VALUE)) {
      throw BadInputException.of(
          "Cannot export %s to %s: %s times the original window of %d tokens is no usable length;"
              + " give --target-length.",
          name, export.format(), ratio, window);
    }
    FactorSet set = with(factors, window, ratio, factors.attentionFactor());
    if (export.attentionFactor() != null) {
      return with(factors, window, ratio, value(export.attentionFactor(), set));
    }
    if (set.attentionFactor() == null) {
      double su = value(AttentionFactor.SU, set);
      warnings.accept(
          String.format(
              "%s has no attention factor: su's %s is written, as transformers would take it.",
              name, su));
      return with(factors, window, ratio, su);
    }
    return set;
  }

  private static FactorSet with(
      FactorSet factors, int window, double ratio, @Nullable Double attention) {
    return new FactorSet(
        factors.factors(),
        factors.startTokens(),
        attention,
        ratio,
        window,
        factors.shortFactors(),
        factors.attentionWindow(),
        factors.provenance());
  }

  private static double value(AttentionFactor attentionFactor, FactorSet set) {
    // No attention factor looks at the base; any will do.
    RopeGeometry rope = new RopeGeometry(2 * set.factors().pairs(), 10_000, window(set));
    return attentionFactor.value(
        rope, Objects.requireNonNull(set.targetLength(), "settled before"));
  }
}
