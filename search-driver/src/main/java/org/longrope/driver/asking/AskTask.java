package org.longrope.driver.asking;

import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.longrope.driver.scoring.Gpus;
import org.longrope.driver.scoring.HostedModel;
import org.longrope.driver.scoring.HostedModels;
import org.longrope.driver.scoring.ModelSetup;
import scala.Function1;
import scala.collection.Iterator;

/** What an executor does with a question, on the GPUs that Spark gave the task. */
record AskTask<Q, A>(ModelSetup setup, Inquiry<Q, A> inquiry)
    implements Function1<Iterator<Q>, Reply<A>>, Serializable {

  @Override
  public Reply<A> apply(Iterator<Q> questions) {
    TaskContext context = TaskContext.get();
    Q question = questions.next();
    HostedModel model = HostedModels.get(setup, Gpus.of(context.resourcesJMap()));
    A answer = model.use(context::isInterrupted, stop -> inquiry.answer(question, model, stop));
    return new Reply<>(answer, model.model().computeType(), model.model().hardware());
  }
}
