package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.factors.RescalingRequest;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.training.FactorSchedule;
import picocli.CommandLine.Option;

/** Options of one phase of a fine-tuning schedule: factors, and the steps trained with them. */
final class FactorPhase {
  @Option(
      names = "--factors",
      required = true,
      paramLabel = "FILE",
      description =
          "factors.json, a CSV row or a Hugging Face config.json. Repeatable, each time with"
              + " --steps: the phases of a schedule.")
  FileLocation factors = FileLocation.parse("");

  @Option(
      names = "--steps",
      required = true,
      paramLabel = "N",
      description = "Optimizer steps with these factors.")
  int steps;

  /**
   * Checks a phase against the length of its sequences.
   *
   * @param length tokens of a sequence
   * @param target length that the factors are for; null where the file does not say it
   * @param problems to which wrong options are added
   */
  void check(int length, @Nullable Integer target, List<String> problems) {
    if (target != null && length > target) {
      problems.add(
          String.format(
              Locale.ROOT,
              "--length is %d and %s was found for %d tokens: expected no more than that.",
              length,
              factors,
              target));
    }
    if (!(steps >= 1)) {
      problems.add("--steps is " + steps + ": expected 1 or more.");
    }
  }

  /**
   * Builds the schedule of all phases.
   *
   * @param sets factors of each phase
   * @param length tokens of a sequence
   * @param problems to which wrong options are added
   */
  static FactorSchedule schedule(
      List<FactorPhase> phases,
      List<FactorSet> sets,
      DecoderSpec config,
      int length,
      List<String> problems) {
    List<FactorSchedule.Phase> schedule = new ArrayList<>();
    for (int i = 0; i < phases.size(); i++) {
      FactorPhase phase = phases.get(i);
      FactorSet set = sets.get(i);
      set.requireFit(config, phase.factors.toString());
      phase.check(length, set.targetLength(), problems);
      schedule.add(
          new FactorSchedule.Phase(
              RescalingRequest.of(FactorFile.of(phase.factors.toString(), set))
                  .at(length, config.rope()),
              phase.steps));
    }
    return new FactorSchedule(schedule);
  }
}
