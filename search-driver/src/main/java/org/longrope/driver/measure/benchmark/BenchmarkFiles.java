package org.longrope.driver.measure.benchmark;

import java.util.List;
import org.longrope.driver.store.files.StoredFile;

/**
 * What a benchmark's files hold.
 *
 * @param subjects one; several for MMLU
 * @param files that it was read from
 */
record BenchmarkFiles(List<Subject> subjects, List<StoredFile> files) {
  BenchmarkFiles {
    subjects = List.copyOf(subjects);
    files = List.copyOf(files);
  }
}
