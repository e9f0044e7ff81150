package org.longrope.driver.execution;

import java.util.stream.Collectors;
import org.longrope.eval.Sha256;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.Rescaling;

/**
 * Identity of a computation, except for the model: equal keys stand for equal results.
 *
 * @param task kind of the computation, such as nll
 * @param sha256 over all inputs
 */
public record CacheKey(String task, String sha256) {
  /**
   * Makes the key of a computation.
   *
   * @param task kind of the computation
   * @param inputs whose text identifies them; doubles by all their digits
   */
  public static CacheKey of(String task, Object... inputs) {
    Sha256 hash = new Sha256().add(task);
    for (Object input : inputs) {
      hash.add(text(input));
    }
    return new CacheKey(task, hash.hex());
  }

  private static String text(Object input) {
    if (input instanceof Rescaling rescaling) {
      return text(rescaling);
    }
    return input instanceof FactorTable table
        ? table.entries().stream()
            .map(entry -> entry.length() + " " + text(entry.rescaling()))
            .collect(Collectors.joining(";"))
        : input.toString();
  }

  private static String text(Rescaling rescaling) {
    return rescaling.factors().toList()
        + " "
        + rescaling.startTokens()
        + " "
        + rescaling.attentionFactor()
        + (rescaling.queryScales().isNone() ? "" : " " + rescaling.queryScales());
  }
}
