package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The pages of the documentation: their links, their blocks and what they name. */
class DocumentationTest {
  private static final Path ROOT = DocumentationPage.ROOT;
  private static final List<DocumentationPage> PAGES = DocumentationPage.all();

  /** Options of other programs that the pages name. */
  private static final Set<String> OTHERS =
      Set.of(
          "--add-opens",
          "--class",
          "--deploy-mode",
          "--driver-java-options",
          "--files",
          "--jars",
          "--max-model-len",
          "--properties-file",
          "--supervise",
          "--truncate");

  private static final Pattern COMMAND =
      Pattern.compile(
          "\\s*(\\w+=\\S+ )*(bin/longrope|mvn|spark-submit|\\.ci/\\S+|search-driver/src/test/\\S+)"
              + " .*");

  private static final Pattern NAMED_PAGE = Pattern.compile("docs/[\\w/.-]+\\.(md|png|svg)");

  @Test
  void links_ofEveryPage_leadToFilesAndHeadings() {
    List<String> dead = new ArrayList<>();
    for (DocumentationPage page : PAGES) {
      for (String link : page.links()) {
        String[] parts = link.split("#", 2);
        Path file =
            parts[0].isEmpty() ? page.file() : page.file().resolveSibling(parts[0]).normalize();
        boolean isDead = !Files.exists(file) || !file.startsWith(ROOT);
        if (!isDead && parts.length == 2) {
          isDead = !DocumentationPage.read(file).anchors().contains(parts[1]);
        }
        if (isDead) {
          dead.add(page.name() + ": " + link);
        }
      }
    }
    assertThat(dead).isEmpty();
  }

  @Test
  void everyPage_isReachedFromReadme() {
    Set<Path> reached = new HashSet<>();
    Deque<Path> next = new ArrayDeque<>(List.of(ROOT.resolve("README.md")));
    while (!next.isEmpty()) {
      Path file = next.pop();
      if (file.toString().endsWith(".md") && reached.add(file)) {
        DocumentationPage.read(file)
            .links()
            .forEach(link -> next.add(file.resolveSibling(link.split("#")[0]).normalize()));
      }
    }
    assertThat(PAGES)
        .extracting(DocumentationPage::file)
        .allSatisfy(f -> assertThat(reached).contains(f));
  }

  @Test
  void readme_hasAtMost200LinesAndNamesEveryCommand() throws IOException {
    List<String> readme = Files.readAllLines(ROOT.resolve("README.md"));
    assertThat(readme).hasSizeLessThanOrEqualTo(200);
    List<String> rows = readme.stream().filter(line -> line.startsWith("| [`")).toList();
    assertThat(commands(Main.commandLine(), "").keySet())
        .allSatisfy(
            name ->
                assertThat(rows).as(name).anyMatch(row -> row.startsWith("| [`" + name + "`]")));
  }

  /** Requires that every block says how it is tested. */
  @Test
  void everyBlock_isRunParsedOrText() {
    List<String> others = new ArrayList<>();
    for (DocumentationPage page : PAGES) {
      for (DocumentationPage.Fence fence : page.fences()) {
        if (!Set.of(DocumentedCommand.RUN, DocumentedCommand.PARSE, "text").contains(fence.info())
            || (fence.info().equals("text")
                && fence.body().stream().anyMatch(line -> COMMAND.matcher(line).matches()))) {
          others.add(page.name() + ":" + fence.line());
        }
      }
      page.prose().stream()
          .filter(line -> line.startsWith("    ") || line.contains("~~~"))
          .forEach(line -> others.add(page.name() + ": " + line));
    }
    assertThat(others).isEmpty();
  }

  @Test
  void everyOption_thatASentenceNames_isOneOfTheProduct() {
    Set<String> options = new TreeSet<>(OTHERS);
    commands(Main.commandLine(), "")
        .values()
        .forEach(
            command ->
                command
                    .getCommandSpec()
                    .options()
                    .forEach(option -> options.addAll(List.of(option.names()))));
    List<String> unknown = new ArrayList<>();
    for (DocumentationPage page : PAGES) {
      if (page.name().equals("docs/GLOSSARY.md")) {
        continue; // It lists earlier names.
      }
      for (String code : page.code()) {
        for (String word : code.split("[ =]")) {
          if (word.matches("--[a-z][a-z-]*") && !options.contains(word)) {
            unknown.add(page.name() + ": " + code);
          }
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void noParagraph_isWrittenTwice() {
    Map<String, String> first = new HashMap<>();
    List<String> twice = new ArrayList<>();
    for (DocumentationPage page : PAGES) {
      for (String paragraph : page.paragraphs()) {
        String other = first.putIfAbsent(paragraph, page.name());
        if (other != null) {
          twice.add(other + " and " + page.name() + ": " + paragraph);
        }
      }
    }
    assertThat(twice).isEmpty();
  }

  @Test
  void pages_thatFilesOfTheRepositoryName_exist() throws IOException {
    List<String> missing = new ArrayList<>();
    for (String folder :
        List.of("bin", "conf", ".ci", "search-driver/src", "datasets/src", "worker-eval/src")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
        for (Path file : files.filter(DocumentationTest::isText).toList()) {
          NAMED_PAGE
              .matcher(Files.readString(file))
              .results()
              .filter(match -> !Files.exists(ROOT.resolve(match.group())))
              .filter(match -> !match.group().equals("docs/gguf.md"))
              .forEach(match -> missing.add(ROOT.relativize(file) + ": " + match.group()));
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static boolean isText(Path file) {
    return Files.isRegularFile(file)
        && (file.toString().matches(".*\\.(java|conf|py|yaml|properties|md|sh)")
            || !file.getFileName().toString().contains("."));
  }

  /** Returns every command by its words, those of groups such as {@code bench} included. */
  private static Map<String, CommandLine> commands(CommandLine group, String prefix) {
    Map<String, CommandLine> commands = new HashMap<>();
    group
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (command.getSubcommands().isEmpty()) {
                commands.put(prefix + name, command);
              }
              commands.putAll(commands(command, prefix + name + " "));
            });
    return commands;
  }
}
