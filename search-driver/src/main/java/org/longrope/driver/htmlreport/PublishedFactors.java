package org.longrope.driver.htmlreport;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.longrope.driver.factors.FactorFiles;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Factors that others found, to be seen beside what a search found.
 *
 * @param name in legends and tables
 */
record PublishedFactors(String name, RescaleFactors factors) {

  /**
   * Reads factor files, each once.
   *
   * @throws org.longrope.eval.BadInputException if one cannot be read or is damaged
   */
  static List<PublishedFactors> read(List<Path> files, Consumer<String> warnings) {
    List<Path> distinct = files.stream().distinct().toList();
    return distinct.stream()
        .map(
            file -> {
              RescaleFactors factors = FactorFiles.read(file, warnings).factors();
              return new PublishedFactors("published " + name(file, distinct), factors);
            })
        .toList();
  }

  /** The file's own name, or its path where two would be called the same. */
  private static String name(Path file, List<Path> all) {
    long same = all.stream().filter(one -> one.endsWith(file.getFileName())).count();
    return same > 1 ? file.toString() : file.getFileName().toString();
  }
}
