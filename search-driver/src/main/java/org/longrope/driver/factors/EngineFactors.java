package org.longrope.driver.factors;

import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

/**
 * Factors in the form that engines need: they divide b^(−2i/d), whatever rope type the model has;
 * original window, extension ratio and attention factor are known, one set holds up to the original
 * window and another beyond it.
 *
 * @param sets none of the three is absent, and all have the same window
 * @param choice of the factors within the original window
 * @param original λ with which the model was published, within the original window
 * @param originalWindow number of tokens up to which engines use the short factors
 */
record EngineFactors(
    FactorFile sets, ShortFactors choice, RescaleFactors original, int originalWindow) {

  /**
   * Completes the files by values of the model and of the command line.
   *
   * @param config the model's; null: the files alone decide, and the model has no rope type of its
   *     own
   * @throws BadInputException if something is missing, or sets belong to different windows
   */
  static EngineFactors settle(
      FactorExport export, @Nullable ModelConfigText config, Consumer<String> warnings) {
    FactorFile given =
        config == null ? export.factors() : export.factors().relativeTo(config.spec().rope());
    if (export.targetLength() != null && given.isTable()) {
      throw new BadInputException(
          "--target-length is one length, but each of several --factors has its own: expected it"
              + " with one file; leave it out.");
    }
    FactorFile sets = given.map(named -> complete(export, named, config, warnings));
    FactorFile.Named first = sets.sets().get(0);
    int window = window(first.set());
    for (FactorFile.Named named : sets.sets()) {
      if (window(named.set()) != window) {
        throw BadInputException.of(
            "%s extends a window of %d tokens and %s one of %d: expected the factors of one model;"
                + " leave the other's out.",
            first.name(), window, named.name(), window(named.set()));
      }
    }
    if (config == null) {
      ShortFactors choice = choice(export.shortFactors(), sets, window);
      return new EngineFactors(sets, choice, sets.longest().shortFactorsOrOnes(), window);
    }
    HfLimits limits = HfLimits.of(export.format(), config.spec(), window);
    ShortFactors choice =
        limits.longAlone() == null
            ? choice(export.shortFactors(), sets, window)
            : limits.longAlone(export.shortFactors(), warnings);
    FactorFile folded = new BaseFolding(config, warnings).fold(sets);
    return new EngineFactors(
        folded, choice, original(config, sets.longest(), window), limits.switchAt());
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

  /** Returns the model's own table within the window, as factors. */
  private static RescaleFactors original(ModelConfigText config, FactorSet longest, int window) {
    // Its long factors may be those of an export by --short-factors long, which the user may
    // choose again; the model was not published with them.
    return config.spec().rope().scaling() instanceof RopeScaling.LongRope own
            && !own.shortFactors().equals(own.longFactors())
        ? own.shortFactors()
        : config.base().total(longest.shortFactorsOrOnes(), window);
  }

  FactorSet longest() {
    return sets.longest();
  }

  int targetLength() {
    return target(longest());
  }

  /** Returns target length / original window. */
  double extensionRatio() {
    return (double) targetLength() / originalWindow;
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
      case ORIGINAL -> original;
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
    // No attention factor looks at the base; any will do.
    return AttentionFactor.SU.value(
        new RopeGeometry(2 * longest().factors().pairs(), 10_000, originalWindow), targetLength());
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
      @Nullable ModelConfigText config,
      Consumer<String> warnings) {
    FactorSet factors = named.set();
    String name = named.name();
    Integer window = factors.originalWindow();
    if (config != null) {
      int models = config.spec().rope().originalWindow();
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
    FactorSet set = factors.withLengths(window, ratio);
    if (export.attentionFactor() != null) {
      return set.withAttentionFactor(value(export.attentionFactor(), set));
    }
    if (set.attentionFactor() == null) {
      double su = value(AttentionFactor.SU, set);
      warnings.accept(
          String.format(
              Locale.ROOT,
              "%s has no attention factor: su's %s is written, as transformers would take it.",
              name,
              su));
      return set.withAttentionFactor(su);
    }
    return set;
  }

  private static double value(AttentionFactor attentionFactor, FactorSet set) {
    // No attention factor looks at the base; any will do.
    RopeGeometry rope = new RopeGeometry(2 * set.factors().pairs(), 10_000, window(set));
    return attentionFactor.value(
        rope, Objects.requireNonNull(set.targetLength(), "settled before"));
  }
}
