package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.stream.Collectors;
import org.longrope.driver.factors.FactorExport.Format;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.FoldedWeights;
import org.longrope.eval.rope.QueryScales;

/** Rules for query scales in exports: which format holds them, and that they are applied once. */
public final class ScalesExport {
  static final String LOST_BY_CONFIG =
      "config.json has no place for query scales: they are lost without the weights that --format"
          + " hf writes into a directory, or the adapter of --format peft.";

  private static final String LEAVE_OUT = "or leave the scales out by --without-query-scales";

  private ScalesExport() {}

  /**
   * Returns the scales of all sets, which one set of weights contains.
   *
   * @throws BadInputException if a file without weights is to hold some, or sets differ
   */
  static QueryScales of(FactorFile factors, Format format) {
    QueryScales scales = factors.longest().queryScales();
    if (!factors.hasQueryScales()) {
      return scales;
    }
    String why =
        switch (format) {
          case CSV -> "a CSV row has no place for query scales";
          case GGUF ->
              "the file has rope factors alone, and query scales belong in the model's weights"
                  + " (--gguf MODEL.gguf)";
          case HF, PEFT -> null;
        };
    if (why != null) {
      throw BadInputException.of(
          "Cannot export %s to %s: %s; take hf, %s.", factors.name(), format, why, LEAVE_OUT);
    }
    return common(factors);
  }

  /**
   * Returns the scales of all sets.
   *
   * @throws BadInputException if they differ
   */
  static QueryScales common(FactorFile factors) {
    QueryScales scales = factors.longest().queryScales();
    if (factors.sets().stream().anyMatch(named -> !named.set().queryScales().equals(scales))) {
      throw BadInputException.of(
          "Cannot export %s: their query scales differ, and the model's weights contain one choice"
              + " for all lengths; give one --factors, %s.",
          factors.name(), LEAVE_OUT);
    }
    return scales;
  }

  /**
   * Checks that a model's weights do not contain query scales already.
   *
   * @throws BadInputException if an export folded some into them and the factors have more
   */
  public static void requireUnfolded(StoredFile config, FactorFile factors) {
    if (factors.hasQueryScales()) {
      requireUnfolded(config.toString(), ModelConfigText.parse(config), factors);
    }
  }

  static void requireUnfolded(String name, ObjectNode config, FactorFile factors) {
    if (config.path("longrope").has(QueryScalesJson.FOLDED)) {
      requireNone(name, factors);
    }
  }

  /**
   * Rejects query scales for a model whose weights contain some.
   *
   * @param name of the model
   */
  static void requireNone(String name, FactorFile factors) {
    if (factors.hasQueryScales()) {
      throw BadInputException.of(
          "The weights of %s contain query scales (longrope.%s), and those of %s would be applied"
              + " on top of them: expected the original model; take it, %s.",
          name, QueryScalesJson.FOLDED, factors.name(), LEAVE_OUT);
    }
  }

  /** Records in a config.json that the weights contain scales; does nothing for none. */
  public static void recordFolded(ObjectNode config, QueryScales scales) {
    if (scales.isNone()) {
      return;
    }
    config.withObject("longrope").set(QueryScalesJson.FOLDED, QueryScalesJson.summary(scales));
  }

  /** Describes written weights. */
  static String describe(FoldedWeights folded) {
    return String.format(
        Locale.ROOT,
        "Folded the query scales into %d tensors (%s): rounding to that type changes a weight by"
            + " %.2g of its value at most",
        folded.tensors(),
        folded.types().stream().map(type -> type.name()).collect(Collectors.joining(", ")),
        folded.rounding());
  }
}
