package org.longrope.driver.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;

/** A finished search of the tiny world, made by the command once and copied for each test. */
final class TinySearch {
  private static Path shared;

  private TinySearch() {}

  static synchronized Path copyTo(Path directory) {
    if (shared == null) {
      shared = searched();
    }
    try (Stream<Path> files = Files.walk(shared)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path copy = directory.resolve(shared.relativize(file).toString());
        if (!Files.isDirectory(copy)) {
          Files.copy(file, copy);
        }
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path searched() {
    TinyWorld world = TinyWorld.shared();
    Path run = world.model().resolveSibling("search-for-reports");
    Captured search =
        Captured.run(
            "search",
            "--master=local[2]",
            "--model=" + world.model(),
            "--data=" + world.data(),
            "--output=" + run,
            "--target-length=128",
            "--documents=2",
            "--held-out-documents=1",
            "--population=4",
            "--parents=2",
            "--mutations=1",
            "--crossovers=1",
            "--iterations=2");
    assertThat(search.exitCode()).as(search.err()).isZero();
    return run;
  }

  /** Writes the run of a search that was killed before its end. */
  static Path unfinishedIn(Path directory) throws IOException {
    copyTo(directory);
    for (String name : List.of("summary.json", "summary.txt", "convergence.png", "factors.png")) {
      Files.delete(directory.resolve(name));
    }
    Path segment = directory.resolve("journal/segment-000000.jsonl");
    List<String> lines = Files.readAllLines(segment);
    int second = 0;
    while (!lines.get(second).contains("\"generation\":1")) {
      second++;
    }
    Files.write(segment, lines.subList(0, second + 2));
    return directory;
  }
}
