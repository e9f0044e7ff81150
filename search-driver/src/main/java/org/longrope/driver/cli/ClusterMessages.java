package org.longrope.driver.cli;

import org.longrope.driver.execution.ExecutorListener;

/** What happens on a cluster, as lines on standard error. */
enum ClusterMessages implements ExecutorListener {
  INSTANCE;

  @Override
  public void warning(String sentence) {
    Progress.warn(sentence);
  }

  @Override
  public void modelLoaded(double seconds) {}
}
