package org.longrope.driver.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.DocumentHashes;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.run.replay.EvaluationPlan;
import org.longrope.driver.run.replay.RunInputs;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.Versions;
import org.longrope.driver.store.cache.EvaluationCache;
import org.longrope.driver.store.cache.EvaluationEnvironment;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;

/** The opened model and partition of a run. */
record SearchInputs(SearchSettings settings, Checkpoint checkpoint, EvaluationPartition partition) {
  /**
   * Opens the inputs of a search.
   *
   * @throws BadInputException if one of them cannot be used
   */
  static SearchInputs open(SearchSettings settings, Configuration hadoop) {
    return new SearchInputs(
        settings,
        ModelCache.ofHost().open(settings.model(), null, hadoop),
        EvaluationPartition.open(new Path(settings.data()), hadoop));
  }

  /** Warnings on inputs that can be used, a sentence each. */
  List<String> warnings() {
    return settings.attentionWindow().warning(checkpoint.config(), settings.targetLength()).stream()
        .toList();
  }

  /**
   * Draws the inputs of the run.
   *
   * @throws BadInputException if they do not fit each other or the settings
   */
  RunInputs subject() {
    return RunInputs.of(settings, checkpoint, partition);
  }

  /**
   * Opens an evaluation cache for the inputs.
   *
   * @throws BadInputException if the cache cannot be read
   */
  EvaluationCache cache(String location, RunInputs subject, Configuration hadoop) {
    JsonNode versions = Versions.toJson();
    EvaluationEnvironment environment =
        EvaluationEnvironment.of(
            checkpoint,
            settings.attentionWindow(),
            versions.path("longrope").asText(),
            versions.path("libtorch").asText());
    DocumentHashes documents =
        DocumentHashes.of(
            partition::sequence,
            subject.tokenizerHash(),
            new EvaluationPlan(settings, subject).tasks());
    return EvaluationCache.open(location, environment, documents, hadoop);
  }
}
