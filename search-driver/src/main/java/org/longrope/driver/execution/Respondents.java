package org.longrope.driver.execution;

import java.util.List;

/** Who answers questions: a model on this host, or one on each executor of Spark. */
public interface Respondents extends AutoCloseable {
  /**
   * Told each answer as it comes, by the thread that asks.
   *
   * @param <A> an answer
   */
  @FunctionalInterface
  interface Listener<A> {
    /**
     * @param index of the question among those that were asked
     */
    void answered(int index, Reply<A> reply);
  }

  /**
   * Asks all questions and waits for their answers, which come in any order, each once.
   *
   * @throws org.longrope.eval.BadInputException if a question cannot be answered, or the model
   *     cannot be used where it is to answer
   * @throws org.longrope.driver.execution.ExecutionFailure if it cannot go on for another reason
   */
  <Q, A> void ask(Inquiry<Q, A> inquiry, List<Q> questions, Listener<A> listener);

  @Override
  void close();
}
