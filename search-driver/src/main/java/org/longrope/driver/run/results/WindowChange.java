package org.longrope.driver.run.results;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.longrope.driver.run.replay.CandidateTasks.WindowTerm;
import org.longrope.driver.run.replay.Evaluations;

/**
 * Perplexity at the original window without rescaling, where query scales hold too because they are
 * part of the weights, on several windows of each document.
 *
 * @param unscaled perplexity without the scales
 * @param scaled perplexity with them, on the same documents
 */
record WindowChange(double unscaled, double scaled) {
  static WindowChange of(WindowTerm term, Evaluations evaluations) {
    return new WindowChange(
        evaluations.perplexity(term.unscaled()), evaluations.perplexity(term.scaled()));
  }

  /** Returns a sentence for people. */
  String toText(int window) {
    return String.format(
        Locale.ROOT,
        "Without rescaling, query scales change the perplexity at %,d tokens by %+.2f %%, from %.4f"
            + " to %.4f.%n",
        window,
        100 * (scaled / unscaled - 1),
        unscaled,
        scaled);
  }

  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("without", unscaled)
        .put("with", scaled)
        .put("change", scaled / unscaled - 1);
  }
}
