package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A command of the documentation, with its words as bash passes them on.
 *
 * @param line number of its fence's opening line
 * @param isRun whether the test runs it; otherwise it is only parsed
 * @param program its first word
 */
record DocumentedCommand(String page, int line, boolean isRun, String program, List<String> words) {
  /** The info string of fences whose commands are executed by the test. */
  static final String RUN = "bash run";

  /**
   * The info string of fences whose commands need a cluster, a GPU, another model or hours: they
   * are parsed, and the files that they name must be there.
   */
  static final String PARSE = "bash parse";

  /** Programs that the documentation may name: they are recorded, never started. */
  private static final List<String> PROGRAMS =
      List.of(
          "bin/longrope",
          ".ci/run",
          ".ci/other-cpus",
          ".ci/gpu-start",
          "search-driver/src/test/clients/run",
          "search-driver/src/test/browser/run",
          "/spark/sbin/start-history-server.sh",
          "spark-submit",
          "java",
          "mvn",
          "python3",
          "git",
          "hf",
          "cp");

  private static final String PRELUDE =
      """
      set -euf
      PATH=/nonexistent SPARK_HOME=/spark HOME=/home
      record() { printf '%s' "$FENCE"; for word; do printf '\\x1f%s' "$word"; done; printf '\\n'; } >>"$RECORDS"
      ls() { printf '%s\\n' "$@"; }
      sed() { :; }
      paste() { :; }
      """;

  /** Lets bash expand the commands of a page: variables, loops, arrays, quotes, comments. */
  static List<DocumentedCommand> of(DocumentationPage page, Path directory) {
    StringBuilder script = new StringBuilder(PRELUDE);
    PROGRAMS.forEach(name -> script.append(name + "() { record " + name + " \"$@\"; }\n"));
    for (DocumentationPage.Fence fence : page.fences()) {
      if (fence.info().startsWith("bash")) {
        script.append("FENCE='" + fence.line() + " " + fence.info() + "'\n");
        script.append(String.join("\n", fence.body())).append('\n');
      }
    }
    Path records = directory.resolve("records");
    try {
      Files.writeString(records, "");
      ProcessBuilder bash = new ProcessBuilder("bash", "-c", script.toString());
      bash.environment().put("RECORDS", records.toString());
      Process process = bash.directory(directory.toFile()).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as("%s: %s", page.name(), output).isZero();
      return Files.readAllLines(records).stream().map(line -> parse(page.name(), line)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static DocumentedCommand parse(String page, String record) {
    List<String> words = new ArrayList<>(Arrays.asList(record.split("\u001f", -1)));
    String[] fence = words.remove(0).split(" ", 2);
    return new DocumentedCommand(
        page, Integer.parseInt(fence[0]), fence[1].equals(RUN), words.remove(0), words);
  }

  String name() {
    return page + ":" + line + " " + program + " " + String.join(" ", words);
  }

  /** Returns the words of the product's command line, null if it is another program. */
  List<String> longrope() {
    if (program.equals("bin/longrope")) {
      return words;
    }
    for (int i = 0; program.equals("spark-submit") && i < words.size(); i++) {
      if (words.get(i).endsWith("/longrope.jar")) {
        return words.subList(i + 1, words.size());
      }
    }
    return null;
  }
}
