package org.longrope.driver.measure.benchmark;

import org.longrope.driver.execution.Inquiry;
import org.longrope.driver.execution.worker.LoadedModel;
import org.longrope.eval.choices.ChoiceBatch;
import org.longrope.eval.choices.ChoiceScore;
import org.longrope.eval.decoder.StopSignal;

/** Scores a batch of questions with the model that is there. */
record BenchmarkInquiry() implements Inquiry<ChoiceBatch, ChoiceScore[]> {
  @Override
  public ChoiceScore[] answer(ChoiceBatch batch, LoadedModel model, StopSignal stop) {
    return batch.scores(model.model(), stop);
  }
}
