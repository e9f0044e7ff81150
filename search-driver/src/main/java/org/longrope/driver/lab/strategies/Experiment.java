package org.longrope.driver.lab.strategies;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.BadInputException;

/**
 * Search with one strategy on one problem with one seed.
 *
 * @param location of its run directory
 */
record Experiment(
    PreparedProblem prepared, String strategy, int seed, SearchSettings settings, String location) {
  private static final JsonMapper JSON = new JsonMapper();

  /** Returns the name for people. */
  String name() {
    return prepared.problem().name() + "/" + strategy + "/seed-" + seed;
  }

  boolean isBegun(Configuration hadoop) {
    return RunDirectory.holdsRun(location, hadoop);
  }

  boolean isFinished(Configuration hadoop) {
    return isBegun(hadoop) && directory(hadoop).exists(RunDirectory.SUMMARY_JSON);
  }

  RunDirectory directory(Configuration hadoop) {
    return RunDirectory.open(location, hadoop);
  }

  /** Returns run.json: settings, inputs and versions of the run. */
  JsonNode begun(Configuration hadoop) {
    try {
      return JSON.readTree(directory(hadoop).read(RunDirectory.RUN));
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          String.format(
              "%s/%s is damaged: expected JSON as the search wrote it; restore it from a copy.",
              location, RunDirectory.RUN),
          e);
    }
  }

  /**
   * Checks that a run in the directory is this one.
   *
   * @throws BadInputException if it has other settings, or was measured with another model or data
   */
  void requireSame(Configuration hadoop) {
    if (!isBegun(hadoop)) {
      return;
    }
    SearchRun.requireSame(settings, directory(hadoop));
    JsonNode subject = begun(hadoop).path("subject");
    Map.of("model_sha256", prepared.modelHash(), "partition_sha256", prepared.dataHash())
        .forEach(
            (field, hash) -> {
              if (!subject.path(field).asText().equals(hash)) {
                throw BadInputException.of(
                    "%s was measured with another %s (%s… there, %s… now): expected the same;"
                        + " choose another --output.",
                    location,
                    field.replace("_sha256", ""),
                    brief(subject.path(field).asText()),
                    brief(hash));
              }
            });
  }

  private static String brief(String hash) {
    return hash.substring(0, Math.min(12, hash.length()));
  }
}
