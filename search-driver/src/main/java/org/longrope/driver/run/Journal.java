package org.longrope.driver.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.StreamCapabilities;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.scoring.Evaluation;
import org.longrope.driver.scoring.EvaluationTask;
import org.longrope.eval.BadInputException;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.search.Outcome;

/**
 * Every evaluation of a run, appended as it is done: the truth from which a run is resumed.
 *
 * <p>Numbered segments of lines, each a CRC-32C in hexadecimal, a space and a JSON object. Every
 * process that works on the run writes a segment of its own, flushed record by record where the
 * file system can, else one segment a record. A last line that a dying process cut off is ignored;
 * any other damage is named and refused.
 */
public final class Journal implements AutoCloseable {
  private static final String FOLDER = "journal";
  private static final JsonMapper JSON = new JsonMapper();

  private final RunDirectory run;
  private final Map<EvaluationTask, Evaluation> evaluations = new LinkedHashMap<>();
  private int segments;
  private @Nullable FSDataOutputStream out;

  private Journal(RunDirectory run) {
    this.run = run;
  }

  /**
   * Reads what was done so far.
   *
   * @throws BadInputException if a record is damaged
   */
  public static Journal open(RunDirectory run) {
    Journal journal = new Journal(run);
    List<String> names = run.list(FOLDER);
    for (String name : names) {
      journal.segments = 1 + number(run.location(), name);
      journal.readSegment(FOLDER + "/" + name);
    }
    return journal;
  }

  private static String segment(int number) {
    return String.format(Locale.ROOT, "segment-%06d.jsonl", number);
  }

  private static int number(String location, String name) {
    String digits = name.replaceAll("\\D", "");
    if (!name.matches("segment-\\d{6}\\.jsonl")) {
      throw BadInputException.of(
          "%s/%s has a file %s that is no segment: remove it.", location, FOLDER, name);
    }
    return Integer.parseInt(digits);
  }

  private void readSegment(String name) {
    String text = run.read(name);
    int line = 0;
    for (int begin = 0; begin < text.length(); ) {
      line++;
      int end = text.indexOf('\n', begin);
      if (end < 0) {
        return; // Cut off while it was written.
      }
      Evaluation evaluation = parse(text.substring(begin, end), name, line);
      evaluations.putIfAbsent(evaluation.task(), evaluation);
      begin = end + 1;
    }
  }

  private Evaluation parse(String line, String name, int number) {
    try {
      if (line.length() > 9 && line.startsWith(checksum(line.substring(9)) + " ")) {
        JsonNode record = JSON.readTree(line.substring(9));
        return JournalRecord.fromJson(record);
      }
    } catch (JsonProcessingException | IllegalArgumentException ignored) {
      // A record that passes its checksum and still cannot be read is damaged all the same.
    }
    throw damaged(name, number);
  }

  private BadInputException damaged(String name, int line) {
    return BadInputException.of(
        "Line %d of %s/%s is damaged: expected a record with its checksum; restore the file from a"
            + " copy, or remove the line to evaluate it again.",
        line, run.location(), name);
  }

  /** What was evaluated, by task; grows as records are appended. */
  public Map<EvaluationTask, Evaluation> evaluations() {
    return Collections.unmodifiableMap(evaluations);
  }

  /**
   * exp(Σ NLL / Σ tokens) over evaluated tasks, summed in the order of the tasks; NaN if one was
   * rejected.
   */
  double perplexity(List<EvaluationTask> tasks) {
    List<DocumentScore> scores = new ArrayList<>();
    for (EvaluationTask task : tasks) {
      if (evaluated(task) instanceof Evaluation.Scored scored) {
        scores.add(scored.score());
      } else {
        return Double.NaN;
      }
    }
    return DocumentScore.perplexity(scores);
  }

  /** What a candidate's tasks come to: one rejected document rejects it. */
  Outcome outcome(List<EvaluationTask> tasks) {
    for (EvaluationTask task : tasks) {
      if (evaluated(task) instanceof Evaluation.Rejected rejected) {
        return new Outcome.Rejected("document " + task.documentId() + ": " + rejected.reason());
      }
    }
    return Outcome.of(perplexity(tasks));
  }

  private Evaluation evaluated(EvaluationTask task) {
    Evaluation evaluation = evaluations.get(task);
    if (evaluation == null) {
      throw new IllegalStateException("No evaluation of " + task);
    }
    return evaluation;
  }

  /** Appends an evaluation; of two for one task the first counts. */
  public void append(Evaluation evaluation, String phase) {
    if (evaluations.putIfAbsent(evaluation.task(), evaluation) != null) {
      return;
    }
    try {
      String record = JSON.writeValueAsString(JournalRecord.toJson(evaluation, phase));
      FSDataOutputStream stream = stream();
      stream.write((checksum(record) + " " + record + "\n").getBytes(StandardCharsets.UTF_8));
      if (stream.hasCapability(StreamCapabilities.HFLUSH)) {
        stream.hflush();
      } else {
        close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot append to the journal of " + run.location(), e);
    }
  }

  private FSDataOutputStream stream() throws IOException {
    FSDataOutputStream stream = out;
    if (stream == null) {
      stream = run.append(FOLDER + "/" + segment(segments++));
      out = stream;
    }
    return stream;
  }

  private static String checksum(String record) {
    CRC32C crc = new CRC32C();
    crc.update(record.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }

  @Override
  public void close() {
    try (FSDataOutputStream stream = out) {
      out = null;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close the journal of " + run.location(), e);
    }
  }
}
