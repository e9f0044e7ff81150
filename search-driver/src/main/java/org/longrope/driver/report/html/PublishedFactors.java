package org.longrope.driver.report.html;

import java.util.List;
import java.util.function.Consumer;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Published factors to compare with those that a search found.
 *
 * @param name in legends and tables
 */
record PublishedFactors(String name, RescaleFactors factors) {

  /**
   * Reads factor files, each once.
   *
   * @throws org.longrope.eval.BadInputException if one cannot be read or is damaged
   */
  static List<PublishedFactors> read(List<StoredFile> files, Consumer<String> warnings) {
    List<StoredFile> distinct = files.stream().distinct().toList();
    return distinct.stream()
        .map(
            file -> {
              RescaleFactors factors = FactorFile.read(file, warnings).longest().factors();
              return new PublishedFactors("published " + name(file, distinct), factors);
            })
        .toList();
  }

  /** Returns the name of a file, or its path where two files have the same name. */
  private static String name(StoredFile file, List<StoredFile> all) {
    long same = all.stream().filter(one -> one.name().equals(file.name())).count();
    return same > 1 ? file.toString() : file.name();
  }
}
