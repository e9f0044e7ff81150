package org.longrope.driver.report.html;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;
import java.util.Map;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;
import org.longrope.driver.run.results.PhaseCost;
import org.longrope.driver.run.results.SummaryTable;

/** Sections of a page about one search: methods compared, figures and cost. */
final class SearchSections {
  private final SearchPart search;
  private final Page page;
  private final Map<String, byte[]> files;
  private final String prefix;

  /**
   * Writes sections of a search to a page.
   *
   * @param files of the report, to which those of the search are added
   * @param prefix of the names of these files
   */
  SearchSections(SearchPart search, Page page, Map<String, byte[]> files, String prefix) {
    this.search = search;
    this.page = page;
    this.files = files;
    this.prefix = prefix;
    search.files().forEach((name, text) -> files.put(prefix + name, text.getBytes(UTF_8)));
  }

  /** Adds the comparison of methods, or says that the search is not finished. */
  void methods() {
    SummaryTable summary = search.summary();
    if (summary == null) {
      page.note(
          "This search is not finished: what follows is what its journal holds so far; the"
              + " comparison of methods on held-out documents and at the original window is still"
              + " to come.");
      return;
    }
    int searched = search.subject().path("documents").size();
    int heldOut = search.subject().path("held_out_documents").size();
    String caption =
        search
                .objective()
                .comparison(
                    String.format(
                        Locale.ROOT,
                        "%s at %,d tokens (searched)",
                        Numbers.counted(searched, "document"),
                        summary.targetLength()),
                    Numbers.counted(heldOut, "other") + " (held out)",
                    String.format(
                        Locale.ROOT,
                        "all at the original window of %,d tokens",
                        summary.originalWindow()))
            + " The best of each column is bold.";
    page.table(caption, summary.toTable());
    String needsNone = search.history().status().needsNoRescaling();
    if (needsNone != null) {
      page.note(needsNone);
    }
  }

  /** Adds plots and the numbers behind them. */
  void figures() {
    new SearchFigures(search, files, prefix).addTo(page);
  }

  /** Adds the cost of the search by phase. */
  void cost() {
    Table table =
        new Table(
            Column.text("phase"),
            Column.text("computed in"),
            Column.count("evaluations"),
            Column.count("rejected"),
            Column.count("tokens scored"),
            Column.of("device-hours", ColumnType.HOURS));
    search.history().costs().forEach(cost -> add(table, cost.phase(), cost));
    add(table, "all", search.cost());
    page.table(
        "One evaluation is one document under one rescaling. Device-hours are the time of all"
            + " evaluations added up; an executor's slot on CPU cores counts as one device.",
        table);
  }

  private static void add(Table table, String name, PhaseCost cost) {
    table.add(
        name,
        cost.computeTypes().isEmpty() ? null : String.join(", ", cost.computeTypes()),
        cost.evaluations(),
        cost.rejected(),
        cost.tokens(),
        cost.seconds());
  }
}
