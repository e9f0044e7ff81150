package org.longrope.driver.execution.worker;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Findings on one process.
 *
 * @param executor Spark's id of it, such as 3; driver for the process that asks
 * @param host its host's name
 * @param facts labels and what holds for them, each "label: value"
 * @param problems what is wrong, each with its remedy
 */
public record HostReport(String executor, String host, List<String> facts, List<String> problems)
    implements Serializable {
  public HostReport {
    facts = new ArrayList<>(facts);
    problems = new ArrayList<>(problems);
  }
}
