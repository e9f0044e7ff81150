package org.longrope.driver.report.html;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.Rescaling;

/** Page of a recipe with the results of all its steps. */
final class RecipePage {
  private final RecipeDirectory recipe;
  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final StepFiles steps;
  private final Map<Step, SearchPart> searches = new LinkedHashMap<>();
  private final Page page;

  private RecipePage(RecipeDirectory recipe) {
    this.recipe = recipe;
    steps = new StepFiles(recipe, files);
    page = new Page(recipe.name(), subtitle());
  }

  static Report of(
      RecipeDirectory recipe,
      List<PublishedFactors> published,
      Configuration hadoop,
      Consumer<String> warnings) {
    RecipePage made = new RecipePage(recipe);
    for (Step step : recipe.done("search")) {
      RunDirectory run = RunDirectory.open(recipe.folder(step).toString(), hadoop);
      SearchPart search = SearchPart.read(run, published, warnings);
      if (search.summary() == null) {
        throw BadInputException.of(
            "%s/%s is missing though step %s is done: expected a finished search; restore it from a"
                + " copy, or have it written anew by 'resume %s'.",
            run.location(), RunDirectory.SUMMARY_JSON, step.name(), run.location());
      }
      made.searches.put(step, search);
    }
    return made.report();
  }

  private String subtitle() {
    long pending = recipe.steps().stream().filter(Step::isToCome).count();
    long done = recipe.steps().size() - pending;
    return recipe.finished()
        ? "A recipe of " + Numbers.counted(done, "step") + ", all of them done."
        : String.format(
            "A recipe of %s, %d of them done.",
            Numbers.counted(recipe.steps().size(), "step"), done);
  }

  private Report report() {
    for (String name : List.of(RecipeDirectory.RECIPE, RecipeDirectory.SUMMARY)) {
      String remedy = "give the command 'extend' again";
      files.put(name, JsonFile.text(recipe.directory().resolve(name), remedy).getBytes(UTF_8));
    }
    toCome();
    String text = perplexity();
    search();
    section("Fine-tuning", "finetune", () -> new TrainingSection(steps).addTo(page));
    section("Pass key", "passkey", () -> new PasskeySection(steps).addTo(page));
    section("Benchmarks", "benchmark", () -> new BenchmarkSection(steps).addTo(page));
    page.section("Steps and cost");
    Table costs = new CostTable(steps, searches).table();
    page.table(CostTable.CAPTION, costs);
    page.section("Serving");
    serving();
    page.section("Measured with");
    new ProvenanceSection(steps, searches).addTo(page);
    return Report.of(page, files, text.isEmpty() ? costs.toText() : text);
  }

  private void toCome() {
    String pending =
        recipe.steps().stream()
            .filter(Step::isToCome)
            .map(step -> step.name() + " (" + step.command() + ")")
            .collect(Collectors.joining(", "));
    if (!pending.isEmpty()) {
      page.note("Still to come: " + pending + ".");
    }
  }

  private String perplexity() {
    if (recipe.done("perplexity").isEmpty()) {
      return "";
    }
    page.section("Perplexity");
    return new PerplexitySection(steps).addTo(page);
  }

  private void search() {
    if (searches.isEmpty()) {
      return;
    }
    page.section("Searches");
    searches.forEach(
        (step, search) -> {
          page.part(
              String.format(
                  Locale.ROOT,
                  "%s: %s to %,d tokens",
                  step.name(),
                  recipe.called(search.model()),
                  search.targetLength()));
          SearchSections sections = new SearchSections(search, page, files, step.name() + "/");
          sections.figures();
          sections.methods();
        });
  }

  private void section(String heading, String command, Runnable content) {
    if (!recipe.done(command).isEmpty()) {
      page.section(heading);
      content.run();
    }
  }

  /** Adds how to use the result for the longest texts. */
  private void serving() {
    List<Step> exports = recipe.done("export");
    if (!exports.isEmpty()) {
      Serving.ofExports(exports, page);
      return;
    }
    Optional<Map.Entry<Step, SearchPart>> longest =
        searches.entrySet().stream()
            .reduce(
                (one, later) ->
                    later.getValue().targetLength() >= one.getValue().targetLength() ? later : one);
    List<Step> trained = recipe.done("finetune");
    for (Step step : trained) {
      page.text(
          "The fine-tuned model of "
              + step.name()
              + " is a Hugging Face directory with its factors in config.json, and is served as it"
              + " is: "
              + recipe.folder(step).toAbsolutePath().normalize());
    }
    if (longest.isEmpty()) {
      page.note("No search is done: factors to serve are still to come.");
      return;
    }
    SearchPart search = longest.get().getValue();
    Rescaling found = search.rescaling();
    if (found != null) {
      page.part(
          String.format(
              Locale.ROOT,
              "The factors of %s, for %,d tokens",
              longest.get().getKey().name(),
              search.targetLength()));
      Serving.of(search, found, page);
    }
  }
}
