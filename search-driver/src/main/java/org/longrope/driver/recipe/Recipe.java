package org.longrope.driver.recipe;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/**
 * Steps that use the results of earlier steps.
 *
 * @param name for people
 * @param steps each after those that it needs
 */
public record Recipe(String name, List<Step> steps) {
  public Recipe {
    steps = List.copyOf(steps);
  }

  /**
   * Sorts steps into an order in which they can run, as close to that of the file as possible.
   *
   * @param file for messages
   * @throws BadInputException if one needs a step that does not exist, or its own result
   */
  static Recipe of(String name, List<Step> steps, StoredFile file) {
    Map<String, Step> byName = new LinkedHashMap<>();
    steps.forEach(step -> byName.put(step.name(), step));
    List<Step> ordered = new ArrayList<>();
    for (Step step : steps) {
      place(step, byName, new ArrayDeque<>(), ordered, file);
    }
    return new Recipe(name, ordered);
  }

  private static void place(
      Step step,
      Map<String, Step> byName,
      Deque<String> path,
      List<Step> ordered,
      StoredFile file) {
    if (ordered.contains(step)) {
      return;
    }
    if (path.contains(step.name())) {
      List<String> cycle = new ArrayList<>(path);
      cycle.add(step.name());
      throw BadInputException.of(
          "Steps of %s need each other in a circle (%s): expected each to need earlier ones alone.",
          file, String.join(" needs ", cycle.subList(cycle.indexOf(step.name()), cycle.size())));
    }
    path.addLast(step.name());
    for (String need : step.needs()) {
      Step needed = byName.get(need);
      if (needed == null) {
        throw BadInputException.of(
            "Step %s of %s needs @%s: expected one of its steps, %s.",
            step.name(), file, need, String.join(", ", byName.keySet()));
      }
      place(needed, byName, path, ordered, file);
    }
    path.removeLast();
    ordered.add(step);
  }

  /** Returns the step of a name, which must exist. */
  Step step(String wanted) {
    return steps.stream().filter(step -> step.name().equals(wanted)).findFirst().orElseThrow();
  }
}
