package org.longrope.driver.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.io.IOUtils;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.store.files.HadoopDirectory;

/**
 * Numbered parts of a folder {@code answers.jsonl} on a Hadoop file system, which can neither lock
 * nor truncate. Each process begins parts of its own; where the file system cannot flush, an object
 * store, each append is a part. A process that finds a part after its own stops, so that of two the
 * older one does.
 */
final class HadoopAnswerLog implements AnswerLog {
  private static final String PART = "%s/%08d";
  private static final Pattern NAME = Pattern.compile("[0-9]{8}");

  private final HadoopDirectory directory;

  /** Number of the newest part that was read or made. */
  private int newest = -1;

  private @Nullable FSDataOutputStream out;

  HadoopAnswerLog(HadoopDirectory directory) {
    this.directory = directory;
  }

  private static String part(int number) {
    return String.format(PART, FILE, number);
  }

  @Override
  public String read() throws IOException {
    StringBuilder text = new StringBuilder();
    List<String> parts =
        directory.list(FILE).stream().filter(name -> NAME.matcher(name).matches()).toList();
    try {
      for (String name : parts) {
        text.append(AnswerLog.wholeLines(directory.read(FILE + "/" + name)));
      }
    } catch (UncheckedIOException e) {
      throw new IOException(HadoopDirectory.sentence(e), e);
    }
    newest = parts.isEmpty() ? -1 : Integer.parseInt(parts.get(parts.size() - 1));
    return text.toString();
  }

  @Override
  public void append(String lines) throws IOException {
    try {
      FSDataOutputStream stream = out;
      if (stream == null) {
        stream = directory.append(part(newest + 1));
        newest++;
        out = stream;
      } else if (directory.exists(part(newest + 1))) {
        throw anotherProcess();
      }
      stream.write(lines.getBytes(StandardCharsets.UTF_8));
      if (stream.hasCapability(StreamCapabilities.HFLUSH)) {
        stream.hflush();
      } else {
        out = null;
        stream.close();
      }
    } catch (FileAlreadyExistsException e) {
      throw anotherProcess();
    } catch (IOException e) {
      // What was written of the lines is cut off there.
      IOUtils.closeStream(out);
      out = null;
      throw e;
    }
  }

  private ExecutionFailure anotherProcess() {
    return new ExecutionFailure(
        "Another process is at work in "
            + directory.location()
            + ": this one stops; let the other go on, or choose another --output.");
  }

  @Override
  public String toString() {
    return directory.location() + "/" + FILE;
  }

  @Override
  public void close() throws IOException {
    try (FSDataOutputStream stream = out) {
      out = null;
    }
  }
}
