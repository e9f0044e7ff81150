package org.longrope.driver.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A page of the documentation in Markdown.
 *
 * @param file absolute path
 * @param fences fenced blocks in their order
 * @param prose all lines outside of fences
 */
record DocumentationPage(Path file, List<Fence> fences, List<String> prose) {
  /** The root of the repository. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final Pattern FENCE = Pattern.compile("^( *)```(.*)$");
  private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /**
   * A fenced block.
   *
   * @param info the words after the opening marks, such as {@code bash run}
   * @param line number of the opening line, from 1
   */
  record Fence(String info, int line, List<String> body) {}

  /** Reads all pages: README first, then by path. */
  static List<DocumentationPage> all() {
    List<Path> files = new ArrayList<>();
    files.add(ROOT.resolve("README.md"));
    files.add(ROOT.resolve("CONTRIBUTING.md"));
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(files::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    files.add(ROOT.resolve("search-driver/demonstration/README.md"));
    files.add(ROOT.resolve("search-driver/src/test/clients/README.md"));
    return files.stream().map(DocumentationPage::read).toList();
  }

  static DocumentationPage read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Fence> fences = new ArrayList<>();
    List<String> prose = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (!fence.matches()) {
        prose.add(lines.get(i));
        continue;
      }
      int begin = i;
      List<String> body = new ArrayList<>();
      for (i++; !lines.get(i).strip().equals("```"); i++) {
        String line = lines.get(i);
        body.add(line.substring(Math.min(fence.group(1).length(), line.length())));
      }
      fences.add(new Fence(fence.group(2), begin + 1, body));
      prose.add("");
    }
    return new DocumentationPage(file, fences, prose);
  }

  String name() {
    return ROOT.relativize(file).toString();
  }

  /** Lists the targets of all links and pictures that are not on the web. */
  List<String> links() {
    return matches(LINK).stream().filter(link -> !link.matches("(https?|mailto):.*")).toList();
  }

  /** Lists everything that is set as code within a sentence or a table. */
  List<String> code() {
    return matches(CODE);
  }

  private List<String> matches(Pattern pattern) {
    return pattern
        .matcher(String.join("\n", prose))
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  /** Lists the anchors of headings as GitHub names them. */
  Set<String> anchors() {
    return prose.stream()
        .filter(line -> line.matches("#{1,6} .*"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(title -> title.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Lists paragraphs of prose, and rows of tables, that are longer than a line. */
  Set<String> paragraphs() {
    Set<String> paragraphs = new HashSet<>();
    for (String paragraph : String.join("\n", prose).split("\n\\s*\n|\n(?=[|-] ?)")) {
      String text = paragraph.strip().replaceAll("\\s+", " ");
      if (text.length() > 120) {
        paragraphs.add(text);
      }
    }
    return paragraphs;
  }
}
