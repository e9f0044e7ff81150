package org.longrope.driver.measure.benchmark;

import java.util.List;
import org.longrope.driver.store.files.StoredFile;

/**
 * Contents of the files of a benchmark.
 *
 * @param subjects one; several for MMLU
 * @param files that were read
 */
record BenchmarkFiles(List<Subject> subjects, List<StoredFile> files) {
  BenchmarkFiles {
    subjects = List.copyOf(subjects);
    files = List.copyOf(files);
  }
}
