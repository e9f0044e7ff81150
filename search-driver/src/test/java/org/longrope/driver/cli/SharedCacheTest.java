package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/** A real model's evaluations, shared by searches on Spark. */
@Tag("numeric")
class SharedCacheTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir Path directory;

  private Captured search(String output, int cores, String ledger) {
    return Captured.run(
        "search",
        "--model=" + WORLD.model(),
        "--data=" + WORLD.data(),
        "--output=" + directory.resolve(output),
        "--target-length=128",
        "--documents=2",
        "--held-out-documents=1",
        "--population=4",
        "--parents=2",
        "--mutations=1",
        "--crossovers=1",
        "--iterations=2",
        "--master=local[" + cores + "]",
        "--ledger=" + ledger);
  }

  @Test
  void secondSearch_onOtherExecutors_evaluatesOneDocumentAndFindsTheSame() {
    String ledger = directory.resolve("ledger").toString();
    Captured one = search("one", 2, ledger);
    assertThat(one.exitCode()).as(one.err()).isZero();
    int all = Runs.evaluations(directory.resolve("one")).size();
    assertThat(one.err())
        .contains("0 of " + all + " evaluations came from the evaluation cache " + ledger);

    Captured other = search("other", 1, ledger);
    assertThat(other.exitCode()).as(other.err()).isZero();
    assertThat(other.err())
        .contains(
            (all - 1) + " of " + all + " evaluations came from the evaluation cache " + ledger);
    for (String file : List.of("factors.json", "summary.json", "summary.txt", "run.json")) {
      assertThat(directory.resolve("other").resolve(file))
          .hasSameBinaryContentAs(directory.resolve("one").resolve(file));
    }
    assertThat(Runs.journalContents(directory.resolve("other")))
        .isEqualTo(Runs.journalContents(directory.resolve("one")));

    Captured without = search("without", 1, "none");
    assertThat(without.exitCode()).as(without.err()).isZero();
    assertThat(without.err()).doesNotContain("ledger");
    assertThat(directory.resolve("without").resolve("factors.json"))
        .hasSameBinaryContentAs(directory.resolve("one").resolve("factors.json"));
    Captured resumed =
        Captured.run(
            "resume", directory.resolve("other"), "--ledger", "none", "--master", "local[1]");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
  }
}
