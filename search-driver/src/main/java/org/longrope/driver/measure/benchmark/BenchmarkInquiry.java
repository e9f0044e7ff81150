package org.longrope.driver.measure.benchmark;

import org.longrope.driver.execution.Inquiry;
import org.longrope.driver.execution.worker.HostedModel;
import org.longrope.eval.choices.ChoiceBatch;
import org.longrope.eval.choices.ChoiceScore;
import org.longrope.eval.decoder.StopSignal;

/** Scores a batch of questions with the model that is there. */
record BenchmarkInquiry() implements Inquiry<ChoiceBatch, ChoiceScore[]> {
  @Override
  public ChoiceScore[] answer(ChoiceBatch batch, HostedModel model, StopSignal stop) {
    return batch.scores(model.model(), stop);
  }
}
