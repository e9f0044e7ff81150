package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.lab.strategies.TinyLaboratory;
import org.longrope.driver.run.Runs;

/** bench search as a person runs it: on Spark, with a real model. */
@Tag("numeric")
class SearchBenchCommandTest {
  @TempDir Path directory;

  private static List<String> words(Path file, Path output, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "bench",
                "search",
                "--master=local[2]",
                "--problems=" + file,
                "--output=" + output));
    if (List.of(more).stream().noneMatch(word -> word.startsWith("--seeds"))) {
      words.add("--seeds=1");
    }
    words.addAll(List.of(more));
    return words;
  }

  private Captured refused(String text, String... more) throws Exception {
    Path file = Files.writeString(directory.resolve("wrong.conf"), text);
    Path output = directory.resolve("refused");
    Captured run = Captured.run(words(file, output, more).toArray());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).startsWith("longrope: ").doesNotContain("\tat ", "Exception");
    assertThat(output).doesNotExist();
    return run;
  }

  @Test
  void benchSearch_killedWithinARun_resumesWithTheResultOfAnUninterruptedOne() throws Exception {
    Path file = TinyLaboratory.file(directory);
    Path killed = directory.resolve("killed");
    Path log = directory.resolve("log");
    Process driver = OwnProcess.start(words(file, killed), log);
    Path journal = killed.resolve("tiny/short/seed-1/journal");
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!(Files.isDirectory(journal)
            && !Runs.segments(killed.resolve("tiny/short/seed-1")).isEmpty())
        && driver.isAlive()
        && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(2);
    }
    driver.destroyForcibly();
    assertThat(driver.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(killed.resolve("tiny/paper/seed-1/summary.json")).as(Runs.text(log)).exists();
    assertThat(killed.resolve("tiny/short/seed-1/summary.json")).doesNotExist();
    String finished = Runs.text(Runs.segments(killed.resolve("tiny/paper/seed-1")).get(0));

    Path json = directory.resolve("result.json");
    Captured resumed = Captured.run(words(file, killed, "--json=" + json).toArray());

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("2/2 runs done  tiny/short/seed-1").contains("ETA");
    assertThat(Runs.segments(killed.resolve("tiny/paper/seed-1"))).hasSize(1);
    assertThat(Runs.text(Runs.segments(killed.resolve("tiny/paper/seed-1")).get(0)))
        .isEqualTo(finished);
    Path unbroken = directory.resolve("unbroken");
    Captured whole = Captured.run(words(file, unbroken).toArray());
    assertThat(whole.exitCode()).as(whole.err()).isZero();
    for (String name : List.of("comparison.txt", "trajectories.csv")) {
      assertThat(killed.resolve(name)).hasSameTextualContentAs(unbroken.resolve(name));
    }
    assertThat(resumed.out()).startsWith(Runs.text(unbroken.resolve("comparison.txt")));
    JsonNode rows = Runs.json(json).get("rows");
    assertThat(rows.findValuesAsText("strategy")).containsExactly("paper", "short");
  }

  @Test
  void documentsInBothPartitions_areRefused() throws Exception {
    TinyWorld world = TinyWorld.shared();
    Path same =
        TinyWorld.partition(
            directory.resolve("same"),
            List.of(
                TinyWorld.documents(1, TinyWorld.SHORTEST, 5).get(0),
                // The second of the world's own, cut shorter.
                Arrays.copyOf(
                    TinyWorld.documents(TinyWorld.DOCUMENTS, TinyWorld.SHORTEST, 7).get(1), 150)));
    assertThat(refused(text(world.data(), same, 128)).err())
        .contains("problem tiny: Document doc-1 of " + same + " begins as doc-1 of");
    assertThat(refused(text(world.data(), world.data(), 128)).err()).contains("begins as");
  }

  @Test
  void documentsTooShort_areRefused() throws Exception {
    TinyWorld world = TinyWorld.shared();
    Path shorter = TinyWorld.partition(directory.resolve("short"), TinyWorld.documents(1, 100, 5));
    assertThat(refused(text(world.data(), shorter, 128)).err())
        .contains("has 100 tokens: expected at least 128");
    assertThat(refused(text(shorter, TinyLaboratory.heldOut(), 128)).err())
        .contains("has 0 documents of at least 128 tokens");
  }

  @Test
  void unknownNames_areRefused() throws Exception {
    String text = text(TinyWorld.shared().data(), TinyLaboratory.heldOut(), 128);
    assertThat(refused(text, "--problem=huge").err()).contains("--problem huge");
    assertThat(refused(text, "--strategy=luck").err()).contains("--strategy luck");
    assertThat(refused(text, "--seeds=0").err()).contains("--seeds is 0");
    assertThat(refused(text.replace("tiny {", "tiny { lenght = 3,")).err())
        .contains("problems.tiny.lenght");
    assertThat(refused(text, "--json=" + directory.resolve("no/where.json")).err())
        .contains("Cannot write --json");
    assertThat(refused(text(directory.resolve("none"), TinyLaboratory.heldOut(), 128)).err())
        .contains("expected an evaluation partition");
  }

  @Test
  void outputWithOtherFiles_isRefusedAndLeftAlone() throws Exception {
    Path output = Files.createDirectories(directory.resolve("mine"));
    Path mine = Files.writeString(output.resolve("letter.txt"), "Dear");
    Captured run = Captured.run(words(TinyLaboratory.file(directory), output).toArray());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains("letter.txt, which no strategy benchmark wrote");
    assertThat(Files.list(output)).containsExactly(mine);
  }

  private static String text(Path data, Path heldOut, int length) {
    return """
    problems { tiny { model = "%s", data = "%s", held-out = "%s", target-length = %d } }
    strategies { paper { documents = 1 } }
    reference = paper
    """
        .formatted(TinyWorld.shared().model(), data, heldOut, length);
  }
}
