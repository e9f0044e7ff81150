package org.longrope.driver.factors;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.AtomicFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.FoldedWeights;

/**
 * Directory that a loader can read: a new config.json with copies of a model's small files and its
 * weights. A file of equal content is kept, so that an interrupted export can be repeated.
 *
 * @param model whose files they are
 * @param output the directory
 * @param link whether weights are hard links where the file system allows it. They cost no room,
 *     but a trainer that saves into the directory overwrites the model that was exported
 * @param force whether files of other content are replaced
 * @param folded weights that replace the model's; null for its own
 */
record ModelDirectory(
    Path model, Path output, boolean link, boolean force, @Nullable FoldedWeights folded) {
  private static final String CONFIG = "config.json";

  /**
   * Writes all files, config.json last. New files are removed again if one of them fails.
   *
   * @return sentences about the written files
   * @throws BadInputException if a file is in the way, or nothing can be written there
   */
  List<String> write(String config) {
    List<Path> weights = ModelFiles.weights(model);
    List<Path> files = Stream.concat(ModelFiles.small(model).stream(), weights.stream()).toList();
    List<Path> made = new ArrayList<>();
    List<String> linked = new ArrayList<>();
    requireWhole(weights);
    try {
      requireFree(files, weights, config);
      Files.createDirectories(output);
      for (Path file : files) {
        Path target = target(file);
        boolean there = Files.exists(target);
        if (!isSame(file, target)) {
          place(file, target, link && weights.contains(file));
        }
        if (!there) {
          made.add(target);
        }
        if (Files.isSameFile(file, target)) {
          linked.add(name(file));
        }
      }
      WholeFile.write(output.resolve(CONFIG), config.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      remove(made, e);
      throw new BadInputException(
          "Cannot write into " + output + " (" + e + "); name a directory that can be written.", e);
    } catch (BadInputException e) {
      remove(made, e);
      throw e;
    }
    List<String> notes = describe(files, linked, weights.isEmpty());
    if (folded != null) {
      notes.add(ScalesExport.describe(folded));
    }
    return notes;
  }

  private List<String> describe(List<Path> files, List<String> linked, boolean noWeights) {
    List<String> notes = new ArrayList<>();
    notes.add("Wrote " + output + ": " + String.join(", ", names(files)));
    if (!linked.isEmpty()) {
      notes.add(
          String.format(
              "Hard links to the files of %s, not to be changed in place: %s",
              model, String.join(", ", linked)));
    }
    if (noWeights) {
      notes.add("Add the weights: " + model + " has none in safetensors");
    }
    return notes;
  }

  /** Describes the files of the model that a directory with config.json alone lacks. */
  static String lacking(Path model) {
    List<Path> weights = ModelFiles.weights(model);
    List<String> names =
        new ArrayList<>(
            Stream.concat(ModelFiles.small(model).stream(), weights.stream())
                .map(ModelDirectory::name)
                .toList());
    if (weights.isEmpty()) {
      names.add("the weights");
    }
    return "To load it, name it config.json and add from "
        + model
        + ": "
        + String.join(", ", names);
  }

  /**
   * Refuses to replace a file.
   *
   * @throws BadInputException if there is a file of other content
   */
  static void requireFree(StoredFile file, byte[] content, boolean force) throws IOException {
    if (!force && file.isFile() && !Arrays.equals(file.readBytes(), content)) {
      throw inTheWay(file);
    }
  }

  private void requireWhole(List<Path> weights) {
    for (Path file : weights) {
      if (!Files.isRegularFile(file)) {
        throw BadInputException.of(
            "No %s in %s, whose index names it: expected all shards; fetch the missing file, or"
                + " write --config-only.",
            name(file), model);
      }
    }
  }

  private void requireFree(List<Path> files, List<Path> weights, String config) throws IOException {
    if (!Files.isDirectory(output)) {
      return;
    }
    requireFree(
        StoredFile.of(output.resolve(CONFIG)), config.getBytes(StandardCharsets.UTF_8), force);
    for (Path file : files) {
      if (!force && Files.exists(target(file)) && !isSame(file, target(file))) {
        throw inTheWay(StoredFile.of(target(file)));
      }
    }
    List<String> own = weights.stream().map(ModelDirectory::name).toList();
    for (Path other : ModelFiles.allWeights(output)) {
      // A loader that finds one file takes no shards, and the other way round.
      if (!weights.isEmpty() && !own.contains(name(other))) {
        throw BadInputException.of(
            "%s is not one of the weights of %s, and a loader could take it: expected a directory"
                + " without it; choose another --output, or remove it.",
            other, model);
      }
    }
  }

  private static BadInputException inTheWay(StoredFile file) {
    return BadInputException.of(
        "%s exists and has other content: expected a new file; choose another --output, or replace"
            + " it by --force.",
        file);
  }

  private Path target(Path file) {
    return output.resolve(name(file));
  }

  private boolean isSame(Path file, Path target) throws IOException {
    if (folded != null && folded.changes(file)) {
      return Files.isRegularFile(target)
          && Files.size(file) == Files.size(target)
          && folded.isContent(file, target);
    }
    return Files.isRegularFile(target)
        && (Files.isSameFile(file, target)
            || (Files.size(file) == Files.size(target) && Files.mismatch(file, target) < 0));
  }

  private void place(Path file, Path target, boolean link) throws IOException {
    if (folded != null && folded.changes(file)) {
      folded.write(file, target);
      return;
    }
    Path temporary = target.resolveSibling(AtomicFile.partName(name(target)));
    try {
      if (!(link && isLinked(file, temporary))) {
        Files.copy(file, temporary);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static boolean isLinked(Path file, Path link) {
    try {
      // The file itself: in Hugging Face's cache a model's files are symbolic links.
      Files.createLink(link, file.toRealPath());
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      // Another file system, one without links, or another user's file: it is copied instead.
      return false;
    }
  }

  private static void remove(List<Path> made, Exception why) {
    for (Path file : made) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        why.addSuppressed(e);
      }
    }
  }

  private static List<String> names(List<Path> files) {
    return Stream.concat(Stream.of(CONFIG), files.stream().map(ModelDirectory::name)).toList();
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
