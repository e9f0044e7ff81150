package org.longrope.driver.run.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.eval.BadInputException;

/**
 * Directory of a run, on any Hadoop file system.
 *
 * <pre>
 *   run.json             settings and inputs
 *   journal/             every evaluation, append-only
 *   factors.json         the best so far
 *   summary.txt, .json   the methods compared
 *   convergence.png, factors.png
 *   front.png, front-1.json, …   the choices of a search that weighs long against short
 * </pre>
 */
public final class RunDirectory {
  public static final String RUN = "run.json";
  public static final String FACTORS = "factors.json";
  public static final String SUMMARY_TEXT = "summary.txt";
  public static final String SUMMARY_JSON = "summary.json";
  public static final String CONVERGENCE_PLOT = "convergence.png";
  public static final String FACTOR_PLOT = "factors.png";
  public static final String FRONT_PLOT = "front.png";

  /** Field of the summary of a search whose result is no rescaling. */
  public static final String NEEDS_NO_RESCALING = "needs_no_rescaling";

  private final HadoopDirectory files;

  private RunDirectory(HadoopDirectory files) {
    this.files = files;
  }

  /**
   * Names the directory of a new run.
   *
   * @throws BadInputException if a run, or anything else, is there already
   */
  public static RunDirectory create(String location, Configuration hadoop) {
    RunDirectory run = at(location, hadoop);
    if (run.exists(RUN)) {
      throw BadInputException.of(
          "%s already holds a run: resume it by 'resume %s', or choose another --output.",
          location, location);
    }
    // Left by a process that died before its run had begun.
    run.files.removeUnfinished(RUN);
    if (!run.files.isEmpty()) {
      throw BadInputException.of(
          "%s exists and is not empty: choose another --output, or remove it.", location);
    }
    return run;
  }

  /**
   * Opens the directory of a run that was begun.
   *
   * @throws BadInputException if there is none
   */
  public static RunDirectory open(String location, Configuration hadoop) {
    RunDirectory run = at(location, hadoop);
    if (!run.exists(RUN)) {
      throw BadInputException.of(
          "No run in %s: expected a directory with %s, as 'search --output' makes it.",
          location, RUN);
    }
    return run;
  }

  /** Removes what a driver left of results when it died while it wrote them. */
  public void removeUnfinished() {
    for (String name :
        List.of(
            RUN, FACTORS, SUMMARY_TEXT, SUMMARY_JSON, CONVERGENCE_PLOT, FACTOR_PLOT, FRONT_PLOT)) {
      files.removeUnfinished(name);
    }
  }

  /** Tells whether a run was begun there. */
  public static boolean holdsRun(String location, Configuration hadoop) {
    return at(location, hadoop).exists(RUN);
  }

  private static RunDirectory at(String location, Configuration hadoop) {
    return new RunDirectory(HadoopDirectory.at(location, "a run directory", hadoop));
  }

  /** Returns the location as people give it to other commands. */
  public String location() {
    return files.location();
  }

  /**
   * Returns the summary's sentence on a model that needs no rescaling; null for others, or without
   * a summary.
   */
  public @Nullable String needsNoRescaling() {
    if (!exists(SUMMARY_JSON)) {
      return null;
    }
    try {
      JsonNode sentence = new JsonMapper().readTree(read(SUMMARY_JSON)).path(NEEDS_NO_RESCALING);
      return sentence.isTextual() ? sentence.asText() : null;
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          String.format(
              "%s/%s is damaged: expected JSON as the search wrote it; restore it from a copy.",
              location(), SUMMARY_JSON),
          e);
    }
  }

  /** Returns the files of the run. */
  HadoopDirectory files() {
    return files;
  }

  /** Tells whether a file exists. */
  public boolean exists(String name) {
    return files.exists(name);
  }

  /** Reads a whole file as UTF-8. */
  public String read(String name) {
    return files.read(name);
  }

  /**
   * Writes run.json, the first file of a run.
   *
   * @throws BadInputException if nothing can be written there
   */
  void begin(String runJson) {
    try {
      write(RUN, runJson);
    } catch (UncheckedIOException e) {
      throw new BadInputException(
          String.format(
              "Cannot write into %s: %s; expected a directory that can be made and written, choose"
                  + " another --output.",
              location(),
              String.valueOf(e.getCause() == null ? e : e.getCause().getMessage())
                  .lines()
                  .findFirst()
                  .orElse("")),
          e);
    }
  }

  public void write(String name, String text) {
    write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Replaces a file: readers see the old one or the new one, whole. */
  public void write(String name, byte[] bytes) {
    files.write(name, bytes);
  }
}
