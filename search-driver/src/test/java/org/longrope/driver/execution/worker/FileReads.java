package org.longrope.driver.execution.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** A record of this process's reads from files, by Java's flight recorder. */
final class FileReads implements AutoCloseable {
  private static final String READ = "jdk.FileRead";

  private final Recording recording = new Recording();

  private FileReads() {
    recording.enable(READ).withThreshold(Duration.ZERO).withoutStackTrace();
    recording.start();
  }

  static FileReads record() {
    return new FileReads();
  }

  /** Ends the record and returns the bytes read from files of a name in and below a directory. */
  long bytes(Path directory, String name) throws IOException {
    recording.stop();
    Path file = Files.createTempFile("reads-", ".jfr");
    try {
      recording.dump(file);
      return RecordingFile.readAllEvents(file).stream()
          .filter(event -> event.getEventType().getName().equals(READ))
          .filter(event -> Path.of(event.getString("path")).startsWith(directory))
          .filter(event -> event.getString("path").endsWith(name))
          .mapToLong(event -> Math.max(0, event.getLong("bytesRead")))
          .sum();
    } finally {
      Files.delete(file);
    }
  }

  @Override
  public void close() {
    recording.close();
  }
}
