package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.longrope.eval.BadInputException;

/**
 * State of an 'extend' run, as read from summary.json in its output directory.
 *
 * @param directory that holds a folder for each step
 * @param name of the recipe
 * @param steps in the order they run
 * @param perplexities that its perplexity steps measured
 * @param versions by name, a JSON object
 */
record RecipeDirectory(
    Path directory,
    String name,
    boolean finished,
    List<Step> steps,
    List<Measured> perplexities,
    JsonNode versions) {
  static final String RECIPE = "recipe.json";
  static final String SUMMARY = "summary.json";

  /** State of a step. */
  enum State {
    DONE,
    /** Done elsewhere; its output was put in place. */
    HANDED_OFF,
    /** Running, or interrupted. */
    BEGUN,
    PENDING;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Command of the recipe.
   *
   * @param needs names of the steps whose output it reads
   * @param inputsHash of all that it reads; empty while it is pending
   * @param output what it wrote, a directory or a file; empty while it is pending
   * @param outputHash empty while it is pending
   * @param seconds that it took
   */
  record Step(
      String name,
      String command,
      List<String> arguments,
      List<String> needs,
      State state,
      String inputsHash,
      String output,
      String outputHash,
      double seconds) {

    boolean isToCome() {
      return state == State.BEGUN || state == State.PENDING;
    }

    boolean isDone(String ofCommand) {
      return state == State.DONE && command.equals(ofCommand);
    }
  }

  /** Perplexity of a model under a method at a length, in tokens. */
  record Measured(
      String step, String model, String method, int length, double perplexity, long tokens) {}

  /**
   * Reads the directory.
   *
   * @throws BadInputException if summary.json is missing or damaged
   */
  static RecipeDirectory read(Path directory) {
    return JsonFile.read(
        directory.resolve(SUMMARY),
        "give the command 'extend' again, which writes it",
        json -> {
          List<Step> steps = new ArrayList<>();
          Set<String> names = new HashSet<>();
          for (JsonNode step : JsonFile.list(json, "steps")) {
            Step read = step(step);
            if (!names.add(read.name)) {
              throw new IllegalArgumentException("two steps are called " + read.name);
            }
            steps.add(read);
          }
          List<Measured> perplexities = new ArrayList<>();
          json.path("perplexity").forEach(one -> perplexities.add(measured(one)));
          return new RecipeDirectory(
              directory,
              JsonFile.text(json, "recipe"),
              json.required("finished").asBoolean(),
              steps,
              perplexities,
              json.path("versions"));
        });
  }

  private static Step step(JsonNode json) {
    String name = JsonFile.text(json, "name");
    // It becomes part of paths.
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_. -]*")) {
      throw new IllegalArgumentException("a step is called '" + name + "'");
    }
    String word = JsonFile.text(json, "state");
    for (State state : State.values()) {
      if (state.toString().equals(word)) {
        return new Step(
            name,
            JsonFile.text(json, "command"),
            JsonFile.texts(json.path("arguments")),
            JsonFile.texts(json.path("needs")),
            state,
            json.path("inputs_sha256").asText(""),
            json.path("output").asText(""),
            json.path("output_sha256").asText(""),
            json.path("seconds").asDouble());
      }
    }
    throw new IllegalArgumentException("step " + name + " has state '" + word + "'");
  }

  private static Measured measured(JsonNode json) {
    return new Measured(
        JsonFile.text(json, "step"),
        JsonFile.text(json, "model"),
        JsonFile.text(json, "method"),
        (int) JsonFile.number(json, "length"),
        JsonFile.number(json, "perplexity"),
        (long) JsonFile.number(json, "tokens"));
  }

  Path folder(Step step) {
    return directory.resolve(step.name);
  }

  /** Returns the steps of a command that are done here. */
  List<Step> done(String command) {
    return steps.stream().filter(step -> step.isDone(command)).toList();
  }

  /** Returns the name of a model or a file in the recipe; the output of a step has its name. */
  String called(String path) {
    if (path.startsWith("@")) {
      return path;
    }
    String inside = directory.toAbsolutePath().normalize() + "/";
    if (path.startsWith(inside)) {
      return "@" + path.substring(inside.length());
    }
    return Names.last(path);
  }
}
