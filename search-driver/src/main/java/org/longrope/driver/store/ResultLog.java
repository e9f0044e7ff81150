package org.longrope.driver.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.io.IOUtils;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.driver.store.files.RecordLines;
import org.longrope.eval.BadInputException;

/**
 * An append-only log of records on any Hadoop file system, the local one included: the truth from
 * which a run is resumed, reported and audited.
 *
 * <p>The log consists of numbered segments ({@link LogSegment}). Every process that works on it
 * writes a segment of its own and flushes each record. Where the file system cannot flush, as on an
 * object store, each record is a segment. A last line that a dying process has cut off is ignored;
 * any other damage, and missing records, are named and refused. A process claims the log by a
 * segment before it reads the others. A process that finds a segment after its own stops: of two
 * processes that work on one log the older one stops.
 *
 * @param <E> a record
 */
public final class ResultLog<E> implements AutoCloseable {
  private final @Nullable HadoopDirectory directory;
  private final String folder;
  private final RecordFormat<E> format;
  private final List<E> records = new ArrayList<>();

  /** The newest segment of this process; −1 before it has claimed the log. */
  private int own = -1;

  private @Nullable FSDataOutputStream out;

  /**
   * Tells that a write has failed, so that it is not known which segment of this process exists.
   */
  private boolean failed;

  private ResultLog(@Nullable HadoopDirectory directory, String folder, RecordFormat<E> format) {
    this.directory = directory;
    this.folder = folder;
    this.format = format;
  }

  /** Makes a log that ends with this process. */
  public static <E> ResultLog<E> inMemory(RecordFormat<E> format) {
    return new ResultLog<>(null, "", format);
  }

  /**
   * Reads a log; another process may write it at the same time.
   *
   * @param folder of the segments, within the directory
   * @throws BadInputException if a record is damaged or missing
   */
  public static <E> ResultLog<E> open(
      HadoopDirectory directory, String folder, RecordFormat<E> format) {
    ResultLog<E> log = new ResultLog<>(directory, folder, format);
    log.readSegments(directory, Integer.MAX_VALUE);
    return log;
  }

  /**
   * Takes a log over: a process that still works on it stops at its next record.
   *
   * @param folder of the segments, within the directory
   * @throws BadInputException if a record is damaged or missing; the log is left as it is then
   */
  public static <E> ResultLog<E> claim(
      HadoopDirectory directory, String folder, RecordFormat<E> format) {
    ResultLog<E> log = open(directory, folder, format);
    try {
      FSDataOutputStream stream = log.create(directory, LogSegment.next(directory, folder));
      // The segment exists; only what came before it still counts.
      log.readSegments(directory, log.own);
      stream.write(LogSegment.head(log.records.size()));
      log.finish(stream);
      return log;
    } catch (FileAlreadyExistsException e) {
      throw log.anotherProcess(directory);
    } catch (IOException e) {
      log.abandonSegment();
      throw new UncheckedIOException("Cannot append to the log of " + directory.location(), e);
    } catch (UncheckedIOException e) {
      log.abandonSegment();
      throw e;
    }
  }

  private void readSegments(HadoopDirectory directory, int end) {
    records.clear();
    for (LogSegment<E> segment : LogSegment.readAll(directory, folder, format)) {
      if (segment.number() < end) {
        add(directory, segment);
      }
    }
  }

  private void add(HadoopDirectory directory, LogSegment<E> segment) {
    Integer first = segment.first();
    if (first == null) {
      return;
    }
    if (first > records.size()) {
      throw BadInputException.of(
          "Records %d to %d before %s/%s are missing: restore the segments before it from a copy.",
          records.size(),
          first - 1,
          directory.location(),
          LogSegment.name(folder, segment.number()));
    }
    // What an older process wrote after a newer one had taken over was never used by anyone.
    records.subList(first, records.size()).clear();
    records.addAll(segment.records());
  }

  /** Returns all records in their order; grows as records are appended. */
  public List<E> records() {
    return Collections.unmodifiableList(records);
  }

  /**
   * Appends a record; when this returns it outlives the machine.
   *
   * @throws UncheckedIOException if it cannot be written; it may be appended again
   * @throws ExecutionFailure if another process has taken the log over
   */
  public void append(E entry) {
    if (directory != null) {
      write(directory, entry);
    }
    records.add(entry);
  }

  private void write(HadoopDirectory directory, E entry) {
    try {
      FSDataOutputStream stream = out;
      if (stream == null) {
        stream = create(directory, nextOwn(directory));
        stream.write(LogSegment.head(records.size()));
      } else if (directory.exists(LogSegment.name(folder, own + 1))) {
        throw anotherProcess(directory);
      }
      stream.write(RecordLines.line(format.toJson(entry)));
      finish(stream);
    } catch (FileAlreadyExistsException e) {
      throw anotherProcess(directory);
    } catch (IOException e) {
      abandonSegment();
      throw new UncheckedIOException("Cannot append to the log of " + directory.location(), e);
    } catch (UncheckedIOException e) {
      abandonSegment();
      throw e;
    }
  }

  /** Makes the record last; where that takes closing the file, the next record begins another. */
  private void finish(FSDataOutputStream stream) throws IOException {
    if (stream.hasCapability(StreamCapabilities.HFLUSH)) {
      stream.hflush();
    } else {
      out = null;
      stream.close();
    }
  }

  /** Cuts a record off that was written in part: the next append begins a new segment. */
  private void abandonSegment() {
    IOUtils.closeStream(out);
    out = null;
    failed = true;
  }

  /**
   * Returns the number after this process's newest segment. A process that takes the log over makes
   * just that segment, so that nobody has to list the folder, which may hold a segment a record.
   */
  private int nextOwn(HadoopDirectory directory) {
    if (!failed) {
      return own + 1;
    }
    int next = LogSegment.next(directory, folder);
    // An object store has nothing of a segment that could not be closed.
    if (next != own && next != own + 1) {
      throw anotherProcess(directory);
    }
    failed = false;
    return next;
  }

  /** Creates a segment, which tells other processes who owns the log now. */
  private FSDataOutputStream create(HadoopDirectory directory, int number) throws IOException {
    FSDataOutputStream stream = directory.append(LogSegment.name(folder, number));
    own = number;
    out = stream;
    return stream;
  }

  private ExecutionFailure anotherProcess(HadoopDirectory directory) {
    return new ExecutionFailure(
        "Another process works on "
            + directory.location()
            + ": this one stops; let the other continue, or end it and resume.");
  }

  @Override
  public void close() {
    try (FSDataOutputStream stream = out) {
      out = null;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close the log of " + directory, e);
    }
  }
}
