package org.longrope.driver.run.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.Versions;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Json;

/**
 * Settings and inputs that a run is begun with, as run.json keeps them.
 *
 * @param course of its search, see {@link #COURSE}
 * @param cache full path of the evaluation cache that it shares; null for none. It is no setting,
 *     because no number depends on it
 */
public record RunFile(
    SearchSettings settings, RunInputs subject, int course, @Nullable String cache) {
  /**
   * Course of the searches of this version. It is raised whenever the same settings, model and data
   * give another search: other seeds or draws, other arithmetic. A run is resumed on the course
   * that it was begun on, or not at all.
   */
  public static final int COURSE = 2;

  /** Course of runs that do not name one: without the seed that rescales nothing. */
  private static final int FIRST_COURSE = 1;

  private static final int FORMAT_VERSION = 5;

  /** Oldest version, without an objective: all such runs minimise perplexity. */
  private static final int OLDEST_VERSION = 2;

  /** Fields of run.json. */
  private record Stored(
      int formatVersion,
      @Nullable Integer course,
      ObjectNode settings,
      @Nullable String ledger,
      RunInputs.Stored subject,
      @Nullable JsonNode versions) {}

  /**
   * Begins a run by writing its first file.
   *
   * @throws BadInputException if nothing can be written there
   */
  public void write(RunDirectory directory) {
    Stored stored =
        new Stored(
            FORMAT_VERSION, course, settings.toJson(), cache, subject.stored(), Versions.toJson());
    directory.begin(Json.pretty(stored));
  }

  /**
   * Checks that this version continues the search as the version that began it would.
   *
   * @throws BadInputException if it does not
   */
  public void requireSameCourse(RunDirectory directory) {
    if (course != COURSE) {
      throw BadInputException.of(
          "%s was begun by a version of longrope whose searches take course %d: expected course %d;"
              + " resume it with the version that its %s names, or begin a new run.",
          directory.location(), course, COURSE, RunDirectory.RUN);
    }
  }

  /**
   * Reads what a run was begun with.
   *
   * @throws BadInputException if the file is damaged or another version's
   */
  public static RunFile read(RunDirectory directory) {
    String where = directory.location() + "/" + RunDirectory.RUN;
    ObjectNode json = Json.readObject(directory.read(RunDirectory.RUN), where, Json.RESTORE);
    if (!json.path("format_version").isInt()) {
      throw BadInputException.of(
          "%s is damaged: expected JSON with a format_version; %s.", where, Json.RESTORE);
    }
    int version = json.path("format_version").asInt();
    if (!(version >= OLDEST_VERSION && version <= FORMAT_VERSION)) {
      throw BadInputException.of(
          "%s has format version %d: expected %d to %d; resume it with the version of longrope that"
              + " began it.",
          directory.location(), version, OLDEST_VERSION, FORMAT_VERSION);
    }
    Stored stored = Json.read(Stored.class, json, where, Json.RESTORE);
    SearchSettings settings = SearchSettings.fromJson(stored.settings());
    return new RunFile(
        settings,
        RunInputs.of(stored.subject(), where).with(settings.yarnBetas()),
        stored.course() == null ? FIRST_COURSE : stored.course(),
        stored.ledger());
  }
}
