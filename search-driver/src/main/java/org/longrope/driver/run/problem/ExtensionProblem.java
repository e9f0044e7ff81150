package org.longrope.driver.run.problem;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;
import org.longrope.search.Candidate;
import org.longrope.search.SearchSpace;

/**
 * Problem that a search solves (arXiv 2402.13753, section 3.3): the first extension of a model, a
 * further extension of an extended model, or the recovery of an extended model at a shorter length.
 *
 * <ul>
 *   <li>First extension: the seeds are none, PI, NTK and YaRN for the original window.
 *   <li>Further extension: the factors multiply those of the first extension. The seeds are none,
 *       PI, NTK and YaRN for the present length, and those for the original window.
 *   <li>Recovery: the factors replace the model's own, up to a smaller bound. The seeds are none
 *       and the model's own factors.
 * </ul>
 *
 * No rescaling is a seed of every search, so that the result is never worse for a model that needs
 * none.
 */
public final class ExtensionProblem {
  /** Name of the method that does not rescale. */
  public static final String NONE = RopeMethod.NONE.toString();

  private static final RopeMethod[] METHODS = {
    RopeMethod.NONE, RopeMethod.PI, RopeMethod.NTK, RopeMethod.YARN
  };

  /** Approximate number of baselines: each method with two attention factors. */
  public static final int METHODS_COMPARED = 2 * METHODS.length;

  private final RopeGeometry original;
  private final @Nullable Extension extension;
  private final boolean recovery;
  private final int target;
  private final AttentionFactor attentionFactor;
  private final List<WarmStart> starts;
  private final SearchSpace space;

  /**
   * Prepares a problem for a checkpoint's rotation.
   *
   * @param original the checkpoint's rotation, with the window that it was trained with
   * @param extension of the checkpoint; null for an original model
   * @param target length to search for, tokens
   * @param maxFactor greatest λ; null: 1.25 times the extension ratio
   * @param attentionFactor rule that gives a
   * @param starts further factors to begin with
   * @param queryScales scales of 1 that a search begins with; none where it leaves queries
   */
  public ExtensionProblem(
      RopeGeometry original,
      @Nullable Extension extension,
      int target,
      @Nullable Double maxFactor,
      AttentionFactor attentionFactor,
      List<WarmStart> starts,
      QueryScales queryScales) {
    this.original = original;
    this.extension = extension;
    this.target = target;
    this.attentionFactor = attentionFactor;
    this.starts = starts;
    recovery = target <= (extension == null ? original.originalWindow() : extension.length());
    RopeGeometry searched = extension == null || recovery ? original : extension.rope(original);
    SearchSpace factors =
        maxFactor == null
            ? SearchSpace.extending(searched, target)
            : SearchSpace.upTo(maxFactor, searched, target);
    space = factors.withQueryScales(queryScales);
  }

  public SearchSpace space() {
    return space;
  }

  /** Returns the candidates to begin with. */
  public List<Candidate> seeds() {
    List<Candidate> seeds = new ArrayList<>();
    RescaleFactors ones = RescaleFactors.uniform(original.pairs(), 1);
    seeds.add(Candidate.nearest(ones, 0, unscaled(), space));
    if (recovery) {
      seeds.add(seed(ones));
    }
    seeds.addAll(space.seeds());
    if (extension != null && recovery) {
      seeds.add(seed(extension.factors()));
    } else if (extension != null) {
      SearchSpace.extending(original, target).methods().stream()
          .map(extension::relativeTo)
          .map(this::seed)
          .forEach(seeds::add);
    }
    starts.stream().map(this::seed).forEach(seeds::add);
    return seeds;
  }

  private Candidate seed(RescaleFactors factors) {
    return Candidate.nearest(factors, 0, space);
  }

  private Candidate seed(WarmStart given) {
    WarmStart start = given.relativeTo(original);
    double ratio = original.extensionRatio(target);
    RescaleFactors whole = start.at(ratio);
    double attention = start.attentionFactor(ratio).orElse(attentionFactor());
    RescaleFactors searched = extension == null || recovery ? whole : extension.relativeTo(whole);
    // What a search by gradient found may descend; strategies that cannot use that repair it.
    Candidate seed =
        isAscending(searched)
            ? Candidate.nearest(searched, start.startTokens(), thousandths(attention), space)
            : Candidate.nearestFree(searched, start.startTokens(), thousandths(attention), space);
    // A search that leaves the queries, or shares scales otherwise, begins without scales.
    return start.queryScales().hasShapeOf(space.queryScales())
        ? seed.withQueryScales(start.queryScales())
        : seed;
  }

  private static boolean isAscending(RescaleFactors factors) {
    return IntStream.range(1, factors.pairs()).allMatch(i -> factors.get(i - 1) <= factors.get(i));
  }

  /** Converts an attention factor to the thousandths of a candidate. */
  private int thousandths(double attention) {
    return (int) Math.max(1, Math.round(Candidate.AS_GIVEN * attention / attentionFactor()));
  }

  /** Returns the attention factor of the model itself: 1, or that of its extension. */
  private double ownAttention() {
    return extension == null || recovery ? 1 : extension.attentionFactor();
  }

  private int unscaled() {
    return thousandths(ownAttention());
  }

  /** Converts a candidate to the rescaling of the original model. */
  public Rescaling rescaling(Candidate candidate) {
    return new Rescaling(
        absolute(candidate.factors()),
        candidate.startTokens(),
        attentionFactor(candidate),
        candidate.queryScales());
  }

  private RescaleFactors absolute(RescaleFactors searched) {
    return extension == null || recovery ? searched : extension.compose(searched);
  }

  private double attentionFactor(Candidate candidate) {
    // Equal to the last bit to that of the methods, so that none is evaluated twice.
    if (candidate.attention() == Candidate.AS_GIVEN) {
      return attentionFactor();
    }
    return candidate.attention() == unscaled()
        ? ownAttention()
        : attentionFactor() * candidate.attention() / Candidate.AS_GIVEN;
  }

  private double attentionFactor() {
    return attentionFactor.value(original, target);
  }

  /**
   * Returns the baselines by name, in the order of the table. Each method has its published
   * attention factor, and again the search's own, so that a gain comes from the factors and not
   * from the attention factor. A further extension adds each method for the original window; a
   * recovery adds the model as it was extended.
   */
  public Map<String, Rescaling> baselines() {
    Map<String, Rescaling> baselines = new LinkedHashMap<>();
    RopeGeometry rope = space.rope();
    for (RopeMethod method : METHODS) {
      Rescaling own =
          new Rescaling(
              method.factors(rope, target, target),
              0,
              method.attentionFactor().value(rope, target));
      add(
          method.toString(),
          extension == null || recovery ? own : extension.compose(own),
          baselines);
    }
    for (RopeMethod method : METHODS) {
      if (method != RopeMethod.NONE || recovery) {
        RescaleFactors factors = absolute(method.factors(rope, target, target));
        add(
            method + ", a = " + attentionFactor,
            new Rescaling(factors, 0, attentionFactor()),
            baselines);
      }
    }
    if (extension != null && !recovery) {
      for (RopeMethod method : METHODS) {
        if (method != RopeMethod.NONE) {
          add(
              String.format(Locale.ROOT, "%s from %,d", method, original.originalWindow()),
              new Rescaling(
                  method.factors(original, target, target),
                  0,
                  method.attentionFactor().value(original, target)),
              baselines);
        }
      }
    }
    if (extension != null && recovery) {
      add(
          "as extended",
          new Rescaling(extension.factors(), 0, extension.attentionFactor()),
          baselines);
    }
    return baselines;
  }

  /** Adds a baseline unless an equal one exists: within the window all methods are equal. */
  private void add(String name, Rescaling rescaling, Map<String, Rescaling> baselines) {
    if (!baselines.containsValue(rescaling)) {
      baselines.put(name, rescaling);
    }
  }
}
