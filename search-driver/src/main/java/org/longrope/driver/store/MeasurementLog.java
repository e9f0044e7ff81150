package org.longrope.driver.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.driver.store.files.RecordLines;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/**
 * The log of a measurement in its output directory. Its first record holds everything that the
 * results depend on; the others are results. A result without a number is not kept: the command
 * ends with it.
 */
public final class MeasurementLog implements TaskLog, AutoCloseable {
  /** Folder of the log in the output directory. */
  public static final String FOLDER = "log";

  /** File of the answers in versions before this log. */
  private static final String EARLIER = "answers.jsonl";

  private static final String MEASUREMENT = "measurement";

  private final @Nullable HadoopDirectory directory;
  private final TaskFormat format;
  private final ObjectNode identity;
  private final Map<ModelTask<?>, TaskResult<?>> results = new LinkedHashMap<>();
  private ResultLog<ObjectNode> log;

  private MeasurementLog(
      @Nullable HadoopDirectory directory, TaskFormat format, ObjectNode identity) {
    this.directory = directory;
    this.format = format;
    this.identity = identity;
    log = ResultLog.inMemory(OBJECTS);
  }

  private static final RecordFormat<ObjectNode> OBJECTS =
      new RecordFormat<>() {
        @Override
        public ObjectNode toJson(ObjectNode entry) {
          return entry;
        }

        @Override
        public ObjectNode fromJson(JsonNode json) {
          if (json instanceof ObjectNode object) {
            return object;
          }
          throw new IllegalArgumentException("No object");
        }
      };

  /** Makes a log that ends with this process. */
  public static MeasurementLog inMemory(TaskFormat format) {
    return new MeasurementLog(null, format, JsonNodeFactory.instance.objectNode());
  }

  /**
   * Reads the log of an output directory, which need not exist; nothing is written.
   *
   * @param format by which records name tasks
   * @param identity everything that the results depend on
   * @throws BadInputException if the log is damaged or holds the results of another measurement
   */
  public static MeasurementLog open(
      HadoopDirectory directory, TaskFormat format, ObjectNode identity) {
    MeasurementLog log = new MeasurementLog(directory, format, identity);
    log.read(directory, ResultLog.open(directory, FOLDER, OBJECTS));
    return log;
  }

  /**
   * Takes the log over before the first result: a process that still works on it stops at its next
   * one.
   */
  public void claim() {
    if (directory != null) {
      read(directory, ResultLog.claim(directory, FOLDER, OBJECTS));
    }
  }

  private void read(HadoopDirectory place, ResultLog<ObjectNode> opened) {
    log = opened;
    results.clear();
    for (ObjectNode entry : log.records()) {
      if (entry.has(MEASUREMENT)) {
        requireSame(place, entry.get(MEASUREMENT), identity);
      } else {
        remember(place, entry);
      }
    }
  }

  private void remember(HadoopDirectory directory, ObjectNode entry) {
    try {
      TaskResult<?> result = ResultFields.read(format.read(entry), entry);
      results.putIfAbsent(result.task(), result);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "%s/%s holds a record that is no result (%s): expected the log as the command wrote"
                  + " it; choose another --output.",
              directory.location(), FOLDER, e.getMessage()),
          e);
    }
  }

  /**
   * Requires that a directory can hold the log of a measurement; nothing is written.
   *
   * @throws BadInputException if something else is there
   */
  public static void requireUsable(StoredFile directory) {
    boolean usable =
        directory.isDirectory()
            ? directory.resolve(FOLDER).isDirectory() || directory.isEmpty()
            : !directory.exists();
    if (usable) {
      return;
    }
    if (directory.resolve(EARLIER).exists()) {
      throw BadInputException.of(
          "%s holds the %s of an earlier version: expected a new directory, or one of this version;"
              + " choose another --output, or finish with that version.",
          directory, EARLIER);
    }
    throw BadInputException.of(
        "%s exists and holds no %s of a measurement: expected a new directory, or that of the same"
            + " command; choose another --output.",
        directory, FOLDER);
  }

  /** Compares values as they are read back, so that 1 and 1L are equal. */
  private static void requireSame(HadoopDirectory directory, JsonNode there, ObjectNode identity) {
    JsonNode here = RecordLines.reread(identity);
    for (Map.Entry<String, JsonNode> field : here.properties()) {
      JsonNode other = there.path(field.getKey());
      if (!other.equals(field.getValue())) {
        throw BadInputException.of(
            "%s holds the results of another measurement (%s: %s there, %s here): expected the"
                + " command that began it; choose another --output.",
            directory.location(),
            field.getKey().replace('_', ' '),
            brief(other),
            brief(field.getValue()));
      }
    }
  }

  private static String brief(JsonNode value) {
    String text = value.isMissingNode() ? "none" : value.toString();
    return text.length() <= 70 ? text : text.substring(0, 67) + "…";
  }

  @Override
  public Map<ModelTask<?>, TaskResult<?>> results() {
    return Collections.unmodifiableMap(results);
  }

  @Override
  public void append(TaskResult<?> result, TaskGroup group) {
    if (results.containsKey(result.task())) {
      return;
    }
    if (result instanceof TaskResult.Completed<?>) {
      if (log.records().isEmpty()) {
        log.append(JsonNodeFactory.instance.objectNode().set(MEASUREMENT, identity.deepCopy()));
      }
      ObjectNode entry = JsonNodeFactory.instance.objectNode();
      format.write(result.task(), entry);
      ResultFields.write(result, entry);
      log.append(entry);
    }
    results.put(result.task(), result);
  }

  /**
   * Returns the type that the results were computed in: f32, f16 or bf16; null without a result.
   */
  public @Nullable String computeType() {
    return results.values().stream()
        .filter(TaskResult.Completed.class::isInstance)
        .map(result -> ((TaskResult.Completed<?>) result).computeType())
        .findFirst()
        .orElse(null);
  }

  @Override
  public void close() {
    log.close();
  }
}
