package org.longrope.driver.benchmark;

import java.nio.file.Path;
import java.util.List;

/**
 * What a benchmark's files hold.
 *
 * @param subjects one; several for MMLU
 * @param files that it was read from
 */
record BenchmarkFiles(List<Subject> subjects, List<Path> files) {
  BenchmarkFiles {
    subjects = List.copyOf(subjects);
    files = List.copyOf(files);
  }
}
