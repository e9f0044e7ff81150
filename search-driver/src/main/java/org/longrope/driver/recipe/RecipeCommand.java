package org.longrope.driver.recipe;

import org.longrope.eval.BadInputException;

/** Command that can be a step of a recipe. */
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
