package org.longrope.driver.cli;

import org.longrope.driver.recipe.RecipeRun;
import org.longrope.driver.recipe.Step;

/** Says which step of a recipe is at work. */
final class RecipeProgress implements RecipeRun.Listener {
  @Override
  public void begins(Step step, int number, int of) {
    Progress.line("step %d/%d  %s (%s)", number, of, step.name(), step.command());
  }

  @Override
  public void there(Step step, double seconds) {
    Progress.line(
        "%s: there already%s",
        step.name(), seconds > 0 ? ", it took " + Durations.text(seconds) : "");
  }

  @Override
  public void ended(Step step, double seconds) {
    Progress.line("%s: done in %s", step.name(), Durations.text(seconds));
  }
}
