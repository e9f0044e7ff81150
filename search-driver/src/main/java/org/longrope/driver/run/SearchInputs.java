package org.longrope.driver.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
import org.longrope.eval.rope.RopeScaling;

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
    List<String> warnings =
        new ArrayList<>(
            settings
                .attentionWindow()
                .warning(checkpoint.config(), settings.targetLength())
                .stream()
                .toList());
    warnings.addAll(checkpoint.config().notes());
    if (!checkpoint.config().attentionFactorMatters()) {
      warnings.add(
          "The model norms queries and keys after RoPE, so an attention factor changes nothing: the"
              + " search leaves it at 1.");
    }
    if (checkpoint.config().rope().scaling() instanceof RopeScaling.Dynamic) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "The model's rope type is dynamic, whose table depends on the length: the factors are"
                  + " for its table at %,d tokens.",
              settings.targetLength()));
    }
    return warnings;
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
            new EvaluationPlan(settings, subject).passages());
    return EvaluationCache.open(location, environment, documents, hadoop);
  }
}
