package org.longrope.driver.execution.worker;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The findings on one process.
 *
 * @param executor Spark's id of the process, such as 3, or driver
 * @param host name of its host
 * @param facts each "label: value"
 * @param problems each one sentence with the remedy
 */
public record HostReport(String executor, String host, List<String> facts, List<String> problems)
    implements Serializable {
  public HostReport {
    facts = new ArrayList<>(facts);
    problems = new ArrayList<>(problems);
  }
}
