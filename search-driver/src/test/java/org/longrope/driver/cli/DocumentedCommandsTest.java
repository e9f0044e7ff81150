package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import picocli.CommandLine;

/**
 * Commands of the documentation. Those of blocks marked {@code bash run} are run in this process,
 * in the order of {@link #ORDER}, with a small model and few documents. Those of blocks marked
 * {@code bash parse} are parsed by the product's own command line, and the files of the repository
 * that they name must exist.
 */
class DocumentedCommandsTest {
  private static final Path ROOT = DocumentationPage.ROOT;

  /** Pages that run commands: each needs what the pages before it have made. */
  private static final List<String> ORDER =
      List.of(
          "README.md",
          "docs/guide/prepare-data.md",
          "docs/guide/search.md",
          "docs/guide/measure.md",
          "docs/guide/fine-tune.md",
          "docs/guide/export.md",
          "docs/guide/report.md",
          "docs/reference/models.md",
          "docs/operations/evaluation-cache.md",
          "docs/operations/monitoring.md",
          "docs/operations/reliability.md");

  /**
   * Folder that only a build with the network has; here a few sources of the product replace it.
   */
  private static final String FETCHED = "search-driver/target/demonstration";

  /** The demonstration model, in whose place a smaller one makes the test quick. */
  private static final String MODEL = "search-driver/demonstration";

  private static final Pattern IN_REPOSITORY =
      Pattern.compile("(conf|docs|bin|\\.ci|worker-eval|search-driver/(src|demonstration))(/.*)?");

  private static final List<DocumentedCommand> COMMANDS = new ArrayList<>();

  @TempDir static Path directory;

  @BeforeAll
  static void collect() throws IOException {
    for (DocumentationPage page : DocumentationPage.all()) {
      COMMANDS.addAll(DocumentedCommand.of(page, directory));
    }
    TinyWorld.textModel(directory.resolve("model"), 1);
    Path documents = Files.createDirectories(directory.resolve("documents"));
    try (ZipOutputStream zip =
            new ZipOutputStream(Files.newOutputStream(documents.resolve("sources.jar")));
        Stream<Path> sources = Files.walk(ROOT.resolve("worker-eval/src/main/java"))) {
      List<Path> longest =
          sources
              .filter(file -> file.toString().endsWith(".java") && file.toFile().length() > 4_000)
              .sorted()
              .toList();
      for (Path file : longest.subList(0, 8)) {
        zip.putNextEntry(new ZipEntry(file.getFileName().toString()));
        Files.copy(file, zip);
      }
    }
  }

  @Test
  void everyCommand_isParsedByTheProduct() {
    List<String> refused = new ArrayList<>();
    for (DocumentedCommand command : COMMANDS) {
      if (command.longrope() != null) {
        try {
          CommandLine.ParseResult parsed =
              Main.commandLine().parseArgs(command.longrope().toArray(String[]::new));
          while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
          }
          Set<String> options = parsed.commandSpec().optionsMap().keySet();
          command.longrope().stream()
              .map(word -> word.split("=")[0])
              .filter(word -> word.startsWith("--") && !options.contains(word))
              .forEach(word -> refused.add(command.name() + ": earlier name " + word));
        } catch (CommandLine.ParameterException e) {
          refused.add(command.name() + ": " + e.getMessage());
        }
      }
    }
    assertThat(refused).isEmpty();
  }

  @Test
  void everyCommand_namesFilesThatExist() {
    List<String> missing = new ArrayList<>();
    for (DocumentedCommand command : COMMANDS) {
      Stream.concat(Stream.of(command.program()), command.words().stream())
          .flatMap(word -> Arrays.stream(word.split("[=,]")))
          .filter(word -> IN_REPOSITORY.matcher(word).matches())
          .filter(word -> !Files.exists(ROOT.resolve(word)))
          .forEach(word -> missing.add(command.name() + ": " + word));
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void everyMavenCommand_namesProfilesModulesAndTestsThatExist() throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    String driver = Files.readString(ROOT.resolve("search-driver/pom.xml"));
    for (DocumentedCommand command : COMMANDS) {
      for (String word : command.program().equals("mvn") ? command.words() : List.<String>of()) {
        if (word.startsWith("-P")) {
          assertThat(pom + driver)
              .as(command.name())
              .contains("<id>" + word.substring(2) + "</id>");
        } else if (word.startsWith("-Dtest=")) {
          String[] test = word.substring("-Dtest=".length()).split("#");
          Path file = testClass(test[0]);
          assertThat(Files.readString(file)).contains(test.length == 2 ? test[1] + "(" : test[0]);
        } else if (word.matches("[a-z]+-[a-z]+")) {
          assertThat(ROOT.resolve(word)).as(command.name()).isDirectory();
        }
      }
    }
  }

  private static Path testClass(String name) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files.filter(file -> file.endsWith(name + ".java")).findFirst().orElseThrow();
    }
  }

  @TestFactory
  Stream<DynamicTest> everyCommandToRun_ends() {
    List<String> pages =
        COMMANDS.stream()
            .filter(DocumentedCommand::isRun)
            .map(DocumentedCommand::page)
            .distinct()
            .toList();
    assertThat(ORDER).containsAll(pages);
    return ORDER.stream()
        .flatMap(page -> COMMANDS.stream().filter(command -> command.page().equals(page)))
        .filter(DocumentedCommand::isRun)
        .map(command -> DynamicTest.dynamicTest(command.name(), () -> run(command)));
  }

  private static void run(DocumentedCommand command) {
    assertThat(command.program()).isEqualTo("bin/longrope");
    Object[] words = command.words().stream().map(DocumentedCommandsTest::here).toArray();
    Captured captured = Captured.run(words);
    assertThat(captured.exitCode()).as(captured.err()).isZero();
  }

  /** Moves what a command writes into the temporary directory, and reads the repository's files. */
  private static String here(String word) {
    if (word.startsWith("runs/")) {
      return directory.resolve(word).toString();
    }
    if (word.equals(FETCHED)) {
      return directory.resolve("documents").toString();
    }
    if (word.equals(MODEL)) {
      return directory.resolve("model").toString();
    }
    return IN_REPOSITORY.matcher(word).matches() ? ROOT.resolve(word).toString() : word;
  }
}
