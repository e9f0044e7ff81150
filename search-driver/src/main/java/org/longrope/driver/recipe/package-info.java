/**
 * Recipes: chains of steps (prepare, search, fine-tune, measure) that resume where they stopped.
 *
 * <p>Begin reading at {@link org.longrope.driver.recipe.RecipeRun}.
 */
@NullMarked
package org.longrope.driver.recipe;

import org.jspecify.annotations.NullMarked;
