package org.longrope.driver.execution.spark;

import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.longrope.driver.execution.Inquiry;
import org.longrope.driver.execution.Reply;
import org.longrope.driver.execution.worker.Gpus;
import org.longrope.driver.execution.worker.LoadedModel;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.ResidentModels;
import scala.Function1;
import scala.collection.Iterator;

/** What an executor does with a question, on the GPUs that Spark gave the task. */
record AskTask<Q, A>(ModelSpec setup, Inquiry<Q, A> inquiry)
    implements Function1<Iterator<Q>, Reply<A>>, Serializable {

  @Override
  public Reply<A> apply(Iterator<Q> questions) {
    TaskContext context = TaskContext.get();
    Q question = questions.next();
    LoadedModel model = ResidentModels.get(setup, Gpus.of(context.resourcesJMap()));
    A answer = model.use(context::isInterrupted, stop -> inquiry.answer(question, model, stop));
    return new Reply<>(answer, model.model().computeType(), model.model().hardware());
  }
}
