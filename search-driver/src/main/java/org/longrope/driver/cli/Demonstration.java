package org.longrope.driver.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.datasets.Preparation;
import org.longrope.datasets.PrepareRequest;
import org.longrope.datasets.PrepareResult;
import org.longrope.datasets.SourceFormat;
import org.longrope.driver.report.table.Numbers;
import org.longrope.eval.BadInputException;

/**
 * Model that the repository ships, and documents that the build fetches.
 *
 * @param home directory of the checkout
 */
record Demonstration(Path home) {
  private static final String MODEL = "search-driver/demonstration";
  private static final String DOCUMENTS = "search-driver/target/demonstration";

  /**
   * Returns the demonstration in the folder of this program.
   *
   * @throws BadInputException if this is not run by bin/longrope
   */
  static Demonstration ofCheckout() {
    String home = System.getenv("LONGROPE_HOME");
    if (home == null) {
      throw new BadInputException(
          "LONGROPE_HOME is not set: expected the directory of a checkout; run bin/longrope.");
    }
    return new Demonstration(Path.of(home));
  }

  /**
   * Returns runs/NAME, or if it exists the first free one of runs/NAME-2, runs/NAME-3 and so on.
   */
  static Path freeDirectory(String name) {
    Path free = Path.of("runs", name);
    for (int number = 2; Files.exists(free); number++) {
      free = Path.of("runs", name + "-" + number);
    }
    return free;
  }

  Path model() {
    return home.resolve(MODEL);
  }

  /** Returns the settings of the quickstart's search. */
  Path settings() {
    return home.resolve("conf/quickstart.conf");
  }

  /** Prepares the Java sources of jsoup that have the target length as an evaluation partition. */
  void prepare(JavaSparkContext context, String data, int targetLength) {
    PrepareRequest request =
        new PrepareRequest(
            List.of(home.resolve(DOCUMENTS).toString()),
            SourceFormat.ARCHIVE,
            model().toString(),
            data,
            null,
            targetLength - 1,
            null,
            0);
    PrepareResult prepared =
        Preparation.run(context, request, (documents, tokens, done, shares) -> {});
    Progress.line(
        "Prepared %s of at least %,d tokens.",
        Numbers.counted(prepared.manifest().documents(), "document"), targetLength - 1);
  }
}
