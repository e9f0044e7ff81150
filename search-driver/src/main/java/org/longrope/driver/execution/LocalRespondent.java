package org.longrope.driver.execution;

import java.util.List;
import org.longrope.driver.execution.worker.LoadedModel;
import org.longrope.eval.decoder.StopSignal;

/**
 * A model in this process, which is asked one question after the other.
 *
 * @param signal asked while a question is answered, and told how far its answer is
 */
public record LocalRespondent(LoadedModel model, StopSignal signal) implements Respondents {
  @Override
  public <Q, A> void ask(Inquiry<Q, A> inquiry, List<Q> questions, Listener<A> listener) {
    for (int i = 0; i < questions.size(); i++) {
      A answer = inquiry.answer(questions.get(i), model, signal);
      listener.answered(
          i, new Reply<>(answer, model.model().computeType(), model.model().hardware()));
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
