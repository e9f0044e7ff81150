package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.eval.BadInputException;

/**
 * Files of the finished steps of a recipe. A file that is read becomes a file of the report.
 *
 * @param files of the report, to be added to
 */
record StepFiles(RecipeDirectory recipe, Map<String, byte[]> files) {

  /**
   * Reads a JSON file of a step.
   *
   * @throws BadInputException if it is missing or damaged
   */
  <T> T json(Step step, String name, Function<JsonNode, T> reader) {
    T read = JsonFile.read(path(step, name), remedy(step), reader);
    bytes(step, name);
    return read;
  }

  /**
   * Reads a file of a step.
   *
   * @throws BadInputException if it is missing
   */
  byte[] bytes(Step step, String name) {
    Path file = path(step, name);
    try {
      if (!Files.exists(file)) {
        throw BadInputException.of(
            "%s is missing though step %s is done: expected the file as %s wrote it; restore it"
                + " from a copy, or %s.",
            file, step.name(), step.command(), remedy(step));
      }
      byte[] content = Files.readAllBytes(file);
      files.put(step.name() + "/" + name, content);
      return content;
    } catch (IOException e) {
      throw new BadInputException("Cannot read " + file + ": " + e + "; check the file.", e);
    }
  }

  Path path(Step step, String name) {
    return recipe.folder(step).resolve(name);
  }

  private String remedy(Step step) {
    return String.format(
        "remove %s and %s and give the command 'extend' again",
        recipe.folder(step), recipe.directory().resolve("steps/" + step.name() + ".json"));
  }
}
