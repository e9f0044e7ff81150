package org.longrope.driver.execution;

/** Receives events of a cluster, from several threads. */
public interface ExecutorListener {
  /** Receives something that a person should know, in one sentence. */
  void warning(String sentence);

  /** Receives the seconds in which an executor has loaded the model. */
  void modelLoaded(double seconds);

  /** Receives the running tasks, about once a second without a result, on the waiting thread. */
  default void waiting(TasksInProgress now) {}
}
