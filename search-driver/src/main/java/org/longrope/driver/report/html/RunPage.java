package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.results.RunStatus;
import org.longrope.driver.run.results.SummaryTable;
import org.longrope.eval.rope.Rescaling;

/** Page of one search. */
final class RunPage {
  private static final String FOUND = "found";

  private RunPage() {}

  static Report of(SearchPart search) {
    RunStatus status = search.history().status();
    Page page =
        new Page(
            String.format(
                Locale.ROOT, "%s to %,d tokens", Names.last(search.model()), search.targetLength()),
            subtitle(search));
    Map<String, byte[]> files = new LinkedHashMap<>();
    SearchSections sections = new SearchSections(search, page, files, "");
    SummaryTable summary = search.summary();
    if (summary != null) {
      page.keyFigures(keyFigures(search, summary));
    }
    page.section("Methods compared");
    sections.methods();
    page.section("The search");
    sections.figures();
    page.section("Cost");
    sections.cost();
    page.section("Serving");
    Rescaling found = search.rescaling();
    if (found == null) {
      page.note("There are no factors yet: how to serve them is still to come.");
    } else if (status.needsNoRescaling() != null) {
      page.text("Serve the model as it is: its factors would change nothing.");
    } else {
      Serving.of(search, found, page);
    }
    page.section("Measured with");
    page.facts(facts(search));
    String table = search.files().get(RunDirectory.SUMMARY_TEXT);
    String text = table == null ? status.toText(Instant.now()) : table;
    return Report.of(page, files, text);
  }

  private static String subtitle(SearchPart search) {
    RunStatus status = search.history().status();
    List<Instant> times = status.times();
    String when =
        times.isEmpty()
            ? "not begun yet"
            : (status.finished() ? "finished " : "last record ")
                + times.get(times.size() - 1).toString().substring(0, 16).replace('T', ' ')
                + " UTC";
    return String.format(
        Locale.ROOT,
        "A search of rescale factors for %s times the original window of %,d tokens; %s.",
        ratio(search),
        search.originalWindow(),
        when);
  }

  private static String ratio(SearchPart search) {
    double ratio = (double) search.targetLength() / search.originalWindow();
    return ratio == Math.rint(ratio)
        ? Numbers.count((long) ratio)
        : String.format(Locale.ROOT, "%.2f", ratio);
  }

  private static Map<String, String> keyFigures(SearchPart search, SummaryTable summary) {
    Map<String, String> figures = new LinkedHashMap<>();
    put(figures, search.objective().atTarget() + ", found factors", row(summary, FOUND));
    summary.rows().stream()
        .filter(row -> !row.method().equals(FOUND) && row.targetPerplexity() != null)
        .min((a, b) -> Double.compare(target(a), target(b)))
        .ifPresent(row -> put(figures, "best known method (" + row.method() + ")", row));
    put(figures, "without rescaling", row(summary, "none"));
    figures.put("device-hours", Numbers.hours(search.cost().seconds()));
    return figures;
  }

  private static double target(SummaryTable.Row row) {
    return Objects.requireNonNull(row.targetPerplexity());
  }

  private static void put(
      Map<String, String> figures, String name, SummaryTable.@Nullable Row row) {
    if (row != null && row.targetPerplexity() != null) {
      figures.put(name, Numbers.perplexity(row.targetPerplexity()));
    }
  }

  private static SummaryTable.@Nullable Row row(SummaryTable summary, String method) {
    return summary.rows().stream()
        .filter(row -> row.method().equals(method))
        .findFirst()
        .orElse(null);
  }

  private static Map<String, String> facts(SearchPart search) {
    Map<String, String> facts = new LinkedHashMap<>();
    JsonNode subject = search.subject();
    facts.put("model", search.model());
    facts.put("model SHA-256", subject.path("model_sha256").asText());
    facts.put("data", search.settings().path("data").asText());
    facts.put("data SHA-256", subject.path("partition_sha256").asText());
    facts.put("documents", texts(subject.path("documents")));
    facts.put("held-out documents", texts(subject.path("held_out_documents")));
    facts.put(
        "rotation",
        String.format(
            Locale.ROOT,
            "%d dimensions, base %s, original window of %,d tokens",
            subject.path("rotary_dimension").asInt(),
            subject.path("rope_theta").asText(),
            search.originalWindow()));
    if (subject.has("extension")) {
      facts.put(
          "extended before",
          String.format(Locale.ROOT, "to %,d tokens", subject.at("/extension/length").asInt()));
    }
    facts.put("protocol", protocol(search.objective()));
    search
        .settings()
        .fields()
        .forEachRemaining(
            field -> {
              if (!field.getKey().endsWith("documents") && !field.getValue().isNull()) {
                facts.putIfAbsent(
                    field.getKey(),
                    field.getValue().isArray()
                        ? texts(field.getValue())
                        : field.getValue().asText());
              }
            });
    search
        .history()
        .begun()
        .path("versions")
        .fields()
        .forEachRemaining(
            field -> facts.put("version of " + field.getKey(), field.getValue().asText()));
    return facts;
  }

  private static String protocol(Objective objective) {
    return switch (objective) {
      case PERPLEXITY -> "truncated: the first tokens of each document in one window";
      case NEEDLE ->
          "needle: a five-digit key among the first tokens of each document, asked for at their"
              + " end, in one window; the key's tokens alone are scored";
      case LONG_TOKENS ->
          "tail: the first tokens of each document in one window; those beyond the original window"
              + " alone are scored";
      case LONG_AND_SHORT ->
          "truncated: the first tokens of each document in one window of the target length, and in"
              + " one of the original length";
    };
  }

  private static String texts(JsonNode list) {
    StringBuilder texts = new StringBuilder();
    list.forEach(one -> texts.append(texts.isEmpty() ? "" : ", ").append(one.asText()));
    return texts.isEmpty() ? "none" : texts.toString();
  }
}
