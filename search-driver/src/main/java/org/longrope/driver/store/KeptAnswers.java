package org.longrope.driver.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.HardwareWatch;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/**
 * The answers so far, by the numbers of their questions. In a directory they are lines of JSON,
 * each on the disk before the next question's is taken: the first line says what was asked, the
 * others are answers. A last line that a dying process cut off was never there. One process at a
 * time writes them.
 */
public final class KeptAnswers implements AutoCloseable {
  private static final String NUMBER = "question";
  private static final String TYPE = "dtype";
  private static final String HARDWARE = "hardware";
  private static final JsonMapper JSON = new JsonMapper();

  private final Map<Integer, JsonNode> answers = new TreeMap<>();
  private final @Nullable AnswerLog log;
  private final HardwareWatch hardware;
  private @Nullable String computeType;

  /** The first line, until it is written with the first answer: what fails before has no trace. */
  private String head = "";

  private KeptAnswers(@Nullable AnswerLog log, Consumer<String> warning) {
    this.log = log;
    hardware = new HardwareWatch(warning);
  }

  /**
   * Answers that end with this process.
   *
   * @param warning told a sentence if they come from hardware of more than one kind
   */
  public static KeptAnswers inMemory(Consumer<String> warning) {
    return new KeptAnswers(null, warning);
  }

  /** Those in a directory of this host; see the other method. */
  public static KeptAnswers open(Path directory, ObjectNode asked, Consumer<String> warning) {
    return open(FileLocation.of(directory), asked, new Configuration(), warning);
  }

  /**
   * Those in a directory, which is made if it is not there.
   *
   * @param asked all that the answers depend on
   * @param hadoop settings that reach the directory
   * @param warning told a sentence if answers come from hardware of more than one kind
   * @throws BadInputException if the directory holds something else, answers to other questions, or
   *     damaged ones, or another process is at work in it
   */
  public static KeptAnswers open(
      FileLocation directory, ObjectNode asked, Configuration hadoop, Consumer<String> warning) {
    requireUsable(directory.on(hadoop));
    try {
      return read(log(directory, hadoop), directory, asked, warning);
    } catch (IOException e) {
      throw new BadInputException(
          String.format(
              "Cannot keep answers in %s (%s): expected a directory that can be made and written,"
                  + " choose another --output.",
              directory, e),
          e);
    }
  }

  private static AnswerLog log(FileLocation directory, Configuration hadoop) throws IOException {
    return directory.isRemote()
        ? new HadoopAnswerLog(
            HadoopDirectory.at(directory.text(), "a directory for answers", hadoop))
        : LocalAnswerLog.open(directory.local());
  }

  /**
   * Says in time that a directory is no place for answers.
   *
   * @throws BadInputException if there is something else
   */
  public static void requireUsable(StoredFile directory) {
    boolean usable =
        directory.isDirectory()
            ? directory.resolve(AnswerLog.FILE).exists() || directory.isEmpty()
            : !directory.exists();
    if (!usable) {
      throw BadInputException.of(
          "%s exists and holds no %s: expected a new directory, or that of the same command; choose"
              + " another --output.",
          directory, AnswerLog.FILE);
    }
  }

  private static KeptAnswers read(
      AnswerLog log, FileLocation directory, ObjectNode asked, Consumer<String> warning)
      throws IOException {
    try {
      KeptAnswers kept = new KeptAnswers(log, warning);
      kept.readLines(log, directory, asked);
      return kept;
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  private void readLines(AnswerLog log, FileLocation directory, ObjectNode asked)
      throws IOException {
    String text = log.read();
    String[] lines = text.split("\n");
    for (int l = 1; l < lines.length; l++) {
      JsonNode line = parse(lines[l], l + 1, log);
      remember(line);
      hardware.stored(line.path(HARDWARE).asText(null));
    }
    if (!text.isEmpty()) {
      requireSame(directory, parse(lines[0], 1, log), asked);
    }
    head = text.isEmpty() ? JSON.writeValueAsString(asked) + "\n" : "";
  }

  private static JsonNode parse(String line, int number, AnswerLog log) {
    try {
      JsonNode json = JSON.readTree(line);
      if (json.isObject() && (number == 1 || json.path(NUMBER).isInt())) {
        return json;
      }
    } catch (JsonProcessingException e) {
      // Told below, as all that is no answer.
    }
    throw BadInputException.of(
        "Line %d of %s is damaged: expected an answer as JSON; remove the line to have its question"
            + " asked again.",
        number, log);
  }

  /** Values as they are read back, so that 1 and 1L are the same. */
  private static void requireSame(FileLocation directory, JsonNode there, ObjectNode asked)
      throws JsonProcessingException {
    JsonNode here = JSON.readTree(JSON.writeValueAsString(asked));
    for (Map.Entry<String, JsonNode> field : here.properties()) {
      JsonNode other = there.path(field.getKey());
      if (!other.equals(field.getValue())) {
        throw BadInputException.of(
            "%s holds answers to other questions (%s: %s there, %s here): expected the command that"
                + " began it; choose another --output.",
            directory, field.getKey().replace('_', ' '), brief(other), brief(field.getValue()));
      }
    }
  }

  private static String brief(JsonNode value) {
    String text = value.isMissingNode() ? "none" : value.toString();
    return text.length() <= 70 ? text : text.substring(0, 67) + "…";
  }

  /** The answers by the numbers of their questions, as they were added; grows with them. */
  public Map<Integer, JsonNode> byNumber() {
    return Collections.unmodifiableMap(answers);
  }

  /** What all answers were computed in: f32, f16 or bf16; null while there is none. */
  public @Nullable String computeType() {
    return computeType;
  }

  /**
   * Keeps answers that came together; when this returns they outlive the machine.
   *
   * @param computeType in which they were computed
   * @param computedOn hardware that they were computed on; null if that is not known
   * @throws ExecutionFailure if those before were computed in another type
   */
  public void add(Map<Integer, ObjectNode> added, String computeType, @Nullable String computedOn) {
    hardware.computed(computedOn);
    StringBuilder lines = new StringBuilder();
    try {
      for (Map.Entry<Integer, ObjectNode> entry : added.entrySet()) {
        ObjectNode line = JSON.createObjectNode().put(NUMBER, entry.getKey());
        line.setAll(entry.getValue());
        line.put(TYPE, computeType);
        if (computedOn != null) {
          line.put(HARDWARE, computedOn);
        }
        String text = JSON.writeValueAsString(line);
        // Read back like those of an earlier process, so that both make the same results.
        remember(JSON.readTree(text));
        lines.append(text).append('\n');
      }
      if (log != null) {
        log.append(head + lines);
      }
      head = "";
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot keep an answer in " + log, e);
    }
  }

  private void remember(JsonNode line) {
    String type = line.path(TYPE).asText();
    if (computeType != null && !computeType.equals(type)) {
      throw new ExecutionFailure(
          "Earlier questions were answered in "
              + computeType
              + " and one is answered in "
              + type
              + ": expected devices of one kind; give the same command with a --master that has"
              + " them.");
    }
    computeType = type;
    answers.putIfAbsent(line.path(NUMBER).asInt(), line);
  }

  @Override
  public void close() {
    try {
      if (log != null) {
        log.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close " + log, e);
    }
  }
}
