package org.longrope.driver.report.html;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/**
 * Page of a search or a recipe, with the files that it shows.
 *
 * @param page HTML in UTF-8
 * @param files contents by name below the report's directory
 * @param text the main table for a terminal, each line ended
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Report(byte[] page, Map<String, byte[]> files, String text) {
  /** Creates the report of a page. */
  static Report of(Page page, Map<String, byte[]> files, String text) {
    return new Report(page.toHtml().getBytes(StandardCharsets.UTF_8), new TreeMap<>(files), text);
  }

  /**
   * Reads a directory and makes its report.
   *
   * @param location a search's run directory on any Hadoop file system, or the output directory of
   *     a recipe
   * @param published factor files to show beside what a search found
   * @param warnings told in one sentence what was left out
   * @throws BadInputException if it is neither, or a part that is finished is damaged
   */
  public static Report read(
      String location,
      List<StoredFile> published,
      Configuration hadoop,
      Consumer<String> warnings) {
    List<PublishedFactors> factors = PublishedFactors.read(published, warnings);
    if (RunDirectory.holdsRun(location, hadoop)) {
      return RunPage.of(SearchPart.read(RunDirectory.open(location, hadoop), factors, warnings));
    }
    Path directory = Path.of(location.startsWith("file:") ? location.substring(5) : location);
    if (Files.exists(directory.resolve(RecipeDirectory.RECIPE))) {
      return RecipePage.of(RecipeDirectory.read(directory), factors, hadoop, warnings);
    }
    throw BadInputException.of(
        "No search and no recipe in %s: expected a directory with %s, as 'search --output' makes"
            + " it, or with %s, as 'extend --output' does.",
        location, RunDirectory.RUN, RecipeDirectory.RECIPE);
  }

  /**
   * Writes page and files.
   *
   * @param location a directory on any Hadoop file system: new, empty, or that of an earlier report
   * @return where the page is
   * @throws BadInputException if the directory cannot be used
   */
  public String write(String location, Configuration hadoop) throws IOException {
    ReportFolder folder = ReportFolder.of(location, hadoop);
    folder.write(this);
    return folder.page();
  }
}
