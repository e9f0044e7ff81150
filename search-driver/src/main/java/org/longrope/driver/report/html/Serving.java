package org.longrope.driver.report.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.eval.rope.Rescaling;

/** Section on serving with the found factors, and on the limits of each engine. */
final class Serving {
  private Serving() {}

  /** Adds commands and remarks for the best factors of a search. */
  static void of(SearchPart search, Rescaling found, Page page) {
    String location = search.directory().location();
    boolean local = location.startsWith("/");
    String factors = local ? location + "/" + RunDirectory.FACTORS : RunDirectory.FACTORS;
    String name = Names.last(search.model()) + "-" + search.targetLength();
    if (!local) {
      page.text(
          "The commands name a copy of "
              + location
              + "/"
              + RunDirectory.FACTORS
              + " on this host.");
    }
    List<String> lines = new ArrayList<>();
    lines.add(export(factors, search.model(), "hf", name));
    lines.add(export(factors, search.model(), "gguf", name + ".gguf"));
    lines.add(export(factors, search.model(), "csv", name + ".csv"));
    page.code(lines);
    page.text(
        String.format(
            Locale.ROOT,
            "Hugging Face transformers: the first command writes a directory that loads: the files"
                + " of %s with the factors in config.json, for transformers 4 (rope_scaling) and 5"
                + " (rope_parameters). Texts of more than %,d tokens are read with the found"
                + " factors, shorter ones without rescaling.",
            search.model(),
            search.originalWindow()));
    page.text(
        String.format(
            Locale.ROOT,
            "vLLM: the same directory, with --max-model-len %d. It reads every request with the"
                + " found factors, short ones too, as soon as that length is beyond the original"
                + " window; short texts then have the perplexity of the last column above.",
            search.targetLength()));
    page.text(
        String.format(
            Locale.ROOT,
            "llama.cpp: the second command writes a small GGUF with the tensors"
                + " rope_factors_long.weight and rope_factors_short.weight and the rope.scaling"
                + " keys; copy them into the model's GGUF and run it with -c %d. The factors are"
                + " chosen by the allocated context, not by the text.",
            search.targetLength()));
    page.text(
        "The third command writes the factors alone, as one row: start tokens and attention factor"
            + " are not in it and must be given where it is read.");
    caveats(found, page);
  }

  /** Adds the exports of a recipe, and what engines lose of its factors. */
  static void ofExports(List<RecipeDirectory.Step> exports, Page page) {
    for (RecipeDirectory.Step step : exports) {
      page.text("Exported by " + step.name() + ": " + step.output());
    }
    page.code(
        exports.stream()
            .map(
                step ->
                    "bin/longrope export "
                        + step.arguments().stream()
                            .map(Names::quoted)
                            .collect(Collectors.joining(" ")))
            .toList());
    page.text(
        "Hugging Face transformers loads the exported directory. Texts within the original window"
            + " are read with short_factor, longer ones with long_factor. vLLM serves the same"
            + " directory and reads every request with long_factor once --max-model-len is beyond"
            + " the window; llama.cpp chooses by the allocated context: copy the exported GGUF's"
            + " tensors and rope.scaling keys into the model's.");
    page.text(
        "Engines have room for two sets and none for start tokens; 'export' says what is lost. The"
            + " whole table stays in the file under longrope, and this program's commands choose"
            + " from it by length.");
  }

  private static void caveats(Rescaling found, Page page) {
    if (found.startTokens() > 1) {
      page.note(
          String.format(
              Locale.ROOT,
              "No engine has a field for start tokens: the first %d positions, which the search"
                  + " left without rescaling, are rescaled there too. The exported files keep"
                  + " their number under longrope.",
              found.startTokens()));
    } else {
      page.text("These factors need no start tokens, for which no engine has a field.");
    }
  }

  private static String export(String factors, String model, String format, String output) {
    return String.join(
        " ",
        "bin/longrope export --factors",
        Names.quoted(factors),
        "--model",
        Names.quoted(model),
        "--format",
        format,
        "--output",
        Names.quoted(output));
  }
}
