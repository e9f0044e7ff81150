package org.longrope.driver.recipe;

import org.longrope.eval.BadInputException;

/** A command that may be a step. */
public interface RecipeCommand {
  /**
   * Checks what can be checked before any step runs, and promises what this one will leave.
   *
   * @param known of the files that it reads
   * @return what it will take
   * @throws BadInputException if it could not do its work
   */
  CostEstimate estimate(ArtifactCatalog known);
}
