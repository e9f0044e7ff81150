package org.longrope.driver.execution;

import java.io.Serializable;
import org.longrope.driver.execution.worker.LoadedModel;
import org.longrope.eval.decoder.StopSignal;

/**
 * How questions of one kind are answered; travels to executors, where several threads use it.
 *
 * @param <Q> a question, which Kryo knows
 * @param <A> its answer, which Kryo knows
 */
@FunctionalInterface
public interface Inquiry<Q, A> extends Serializable {
  /**
   * Answers one question, as a function of it and the model alone.
   *
   * @param stop asked now and then whether the answer is still wanted
   * @throws org.longrope.eval.BadInputException if the question cannot be answered by this model
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  A answer(Q question, LoadedModel model, StopSignal stop);
}
