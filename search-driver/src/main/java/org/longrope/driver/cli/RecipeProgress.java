package org.longrope.driver.cli;

import org.longrope.driver.recipe.RecipeRun;
import org.longrope.driver.recipe.Step;

/** Progress of a recipe, a line for each step that starts, is skipped or is finished. */
final class RecipeProgress implements RecipeRun.Listener {
  @Override
  public void stepStarted(Step step, int number, int of) {
    Progress.line("step %d/%d  %s (%s)", number, of, step.name(), step.command());
  }

  @Override
  public void stepSkipped(Step step, double seconds) {
    Progress.line(
        "%s: finished before, skipped%s",
        step.name(), seconds > 0 ? "; it took " + Durations.text(seconds) : "");
  }

  @Override
  public void stepFinished(Step step, double seconds) {
    Progress.line("%s: done in %s", step.name(), Durations.text(seconds));
  }
}
