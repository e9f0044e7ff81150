package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.store.files.FileLocation;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Every option of every command that names a file or directory, on file systems out of reach. */
class PathOptionsTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  /** Options that must be on this host, to be locked, mapped or run from. */
  private static final Set<String> LOCAL_ONLY =
      Set.of(
          "extend --output",
          "bench faults --output",
          "bench search --output",
          "cluster start --directory",
          "cluster stop --directory",
          "cluster status --directory");

  private static final List<String> OUT_OF_REACH =
      List.of("s3a://bucket/folder/x", "hdfs://127.0.0.1:1/folder/x");

  private static final Set<String> LABELS = Set.of("DIR", "FILE", "PATH", "RUN", "FILE[,...]");

  /** Settings without waits. */
  private static final Map<String, String> IMPATIENT =
      Map.of(
          "fs.s3a.endpoint", "http://127.0.0.1:1",
          "fs.s3a.endpoint.region", "us-east-1",
          "fs.s3a.path.style.access", "true",
          "fs.s3a.aws.credentials.provider",
              "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider",
          "fs.s3a.attempts.maximum", "1",
          "fs.s3a.retry.limit", "0",
          "fs.s3a.connection.establish.timeout", "1s",
          "ipc.client.connect.max.retries", "0",
          "dfs.client.retry.policy.enabled", "false");

  @TempDir static Path directory;
  private static Map<String, String> valid;

  @BeforeAll
  static void writeInputs() throws IOException {
    Path text = Files.writeString(directory.resolve("text.txt"), "a few words");
    Path factors = Files.writeString(directory.resolve("factors.csv"), "1,1,1,1\n");
    valid =
        Map.ofEntries(
            Map.entry("--model", WORLD.model().toString()),
            Map.entry("--data", WORLD.data().toString()),
            Map.entry("--input", text.toString()),
            Map.entry("--format", "text"),
            Map.entry("--length", "32"),
            Map.entry("--steps", "1"),
            Map.entry("--factors", factors.toString()),
            Map.entry("--benchmarks", directory.toString()),
            Map.entry("--recipe", "../conf/recipes/demonstration.conf"),
            Map.entry("--output", directory.resolve("output").toString()));
    System.setProperty("longrope.cache", directory.resolve("cache").toString());
  }

  @AfterAll
  static void forgetCache() {
    System.clearProperty("longrope.cache");
  }

  private record PathOption(CommandSpec command, ArgSpec option) {
    String name() {
      String words = command.qualifiedName(" ").replaceFirst("longrope ", "");
      return words + " " + label();
    }

    private String label() {
      return option instanceof OptionSpec named ? named.longestName() : option.paramLabel();
    }

    Class<?> type() {
      return option.isMultiValue() ? option.auxiliaryTypes()[0] : option.type();
    }

    boolean isPath() {
      return type() == Path.class
          || type() == FileLocation.class
          || (type() == String.class && LABELS.contains(option.paramLabel()));
    }

    /** Words of a command line that names a place, and is otherwise as it should be. */
    List<String> words(String place) {
      String[] names = command.qualifiedName(" ").split(" ");
      List<String> words = new ArrayList<>(List.of(names).subList(1, names.length));
      for (OptionSpec other : command.options()) {
        boolean needed =
            other.required()
                || Set.of("train --model", "search --model", "search --data", "search --output")
                    .contains(names[1] + " " + other.longestName());
        if (needed && other != option && !excluded(other)) {
          words.add(other.longestName() + "=" + value(names[1], other.longestName()));
        }
      }
      if (names[1].equals("search")) {
        words.addAll(List.of("--target-length=128", "--master=local[1]", "--documents=2"));
      }
      if (names[1].equals("perplexity") && option.group() == null) {
        words.add("--data=" + WORLD.data());
      }
      if (command.findOption("--conf") != null) {
        IMPATIENT.forEach((key, value) -> words.add("--conf=spark.hadoop." + key + "=" + value));
      }
      words.add(option instanceof OptionSpec ? label() + "=" + place : place);
      return words;
    }

    /** Tells whether another option of its group excludes this one. */
    private boolean excluded(OptionSpec other) {
      return other.group() != null && other.group().exclusive();
    }

    private static String value(String command, String option) {
      if (command.equals("export") && option.equals("--format")) {
        return "csv";
      }
      if (command.equals("passkey") && option.equals("--length")) {
        return "400";
      }
      String value = valid.get(option);
      assertThat(value).as("value for %s of %s", option, command).isNotNull();
      return value;
    }
  }

  private static Stream<PathOption> pathOptions() {
    return leaves(Main.commandLine().getCommandSpec())
        .flatMap(
            command ->
                Stream.concat(command.options().stream(), command.positionalParameters().stream())
                    .map(option -> new PathOption(command, option)))
        .filter(PathOption::isPath);
  }

  private static Stream<CommandSpec> leaves(CommandSpec command) {
    return command.subcommands().isEmpty()
        ? Stream.of(command)
        : command.subcommands().values().stream().flatMap(sub -> leaves(sub.getCommandSpec()));
  }

  @Test
  void localPaths_areOptionsOfAShortListAlone() {
    Set<String> local = new TreeSet<>();
    pathOptions()
        .filter(option -> option.type() == Path.class)
        .forEach(option -> local.add(option.name()));
    assertThat(local).containsExactlyInAnyOrderElementsOf(LOCAL_ONLY);
    assertThat(pathOptions()).hasSizeGreaterThan(50);
  }

  @TestFactory
  Stream<DynamicTest> pathOutOfReach_endsInASentenceAndMakesNoFolder() {
    return pathOptions()
        .flatMap(
            option ->
                OUT_OF_REACH.stream()
                    .map(
                        place ->
                            DynamicTest.dynamicTest(
                                option.name() + " " + place, () -> refused(option, place))));
  }

  private static void refused(PathOption option, String place) {
    Captured run = Captured.run(option.words(place).toArray());
    assertThat(run.exitCode()).as(run.err()).isIn(Main.EXIT_FAILED, Main.EXIT_BAD_INPUT);
    assertThat(run.err()).doesNotContain("\tat ");
    assertThat(run.errors()).as(run.err()).anyMatch(line -> line.startsWith("longrope: "));
    if (LOCAL_ONLY.contains(option.name())) {
      assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
      assertThat(run.err()).contains(place, "is on another file system");
    }
    assertThat(Path.of("s3a:")).doesNotExist();
    assertThat(Path.of("hdfs:")).doesNotExist();
  }
}
