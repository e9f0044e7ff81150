package org.longrope.driver.cli;

import org.longrope.driver.execution.ExecutorListener;

/** Printer of a cluster's warnings on standard error. */
enum ClusterMessages implements ExecutorListener {
  INSTANCE;

  @Override
  public void warning(String sentence) {
    Progress.warn(sentence);
  }

  @Override
  public void modelLoaded(double seconds) {}
}
