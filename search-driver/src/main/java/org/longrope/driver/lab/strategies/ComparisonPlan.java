package org.longrope.driver.lab.strategies;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.run.settings.SettingsReader;
import org.longrope.driver.store.files.StoredFile;

/**
 * Problems and strategies to compare, in the order of the file.
 *
 * @param file of the plan
 * @param problems those that were chosen
 * @param strategies those that were chosen
 * @param reference strategy that the others are compared with; it need not be among the chosen
 * @param blocks settings of each strategy of the file, over the reference configuration
 * @param seeds number of seeds, from 1
 */
public record ComparisonPlan(
    StoredFile file,
    List<Problem> problems,
    List<String> strategies,
    String reference,
    Map<String, ConfigObject> blocks,
    int seeds) {
  public ComparisonPlan {
    problems = List.copyOf(problems);
    strategies = List.copyOf(strategies);
    blocks = new LinkedHashMap<>(blocks);
  }

  /**
   * Returns the settings of a run.
   *
   * @param location of its directory
   * @throws org.longrope.eval.BadInputException with one line for each problem
   */
  SearchSettings settings(Problem problem, String strategy, int seed, String location) {
    ConfigObject block = blocks.get(strategy);
    if (block == null) {
      throw new IllegalArgumentException("No strategy " + strategy + " in " + file);
    }
    // The strategy benchmark measures on held-out documents of the problem.
    ConfigObject settings =
        block.containsKey("held-out-documents")
            ? block
            : block.withValue("held-out-documents", ConfigValueFactory.fromAnyRef(0));
    return SettingsReader.ofBlock(
        settings,
        "strategies." + strategy,
        file,
        Map.of(
            "model", problem.model(),
            "data", problem.data(),
            "target-length", Integer.toString(problem.targetLength()),
            "seed", Integer.toString(seed),
            "output", location));
  }
}
