package org.longrope.driver.execution;

/** Is told what happens on a cluster; by several threads. */
public interface ExecutorListener {
  /** Something that a person should know, in one sentence. */
  void warning(String sentence);

  /** An executor has loaded the model, in so many seconds. */
  void modelLoaded(double seconds);

  /** About a second has passed without an answer; by the thread that waits for one. */
  default void waiting(TasksInProgress now) {}
}
