package org.longrope.driver.execution.worker;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** A file system of local files under another scheme that counts openings and can fail. */
public final class RemoteFiles extends RawLocalFileSystem {
  /** A system property: the process hangs at the opening with this number. */
  public static final String HANGS_AT = "remote.hangs-at";

  public static final AtomicInteger OPENED = new AtomicInteger();

  /** A hook that takes the name of each file before it is opened. */
  public static volatile Opening opening = name -> {};

  /** A hook that replaces each file of a listing. */
  public static volatile UnaryOperator<FileStatus> listing = status -> status;

  public interface Opening {
    void opens(String name) throws IOException;
  }

  public static Configuration hadoop() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.remote.impl", RemoteFiles.class.getName());
    return hadoop;
  }

  public static String location(Path directory) {
    return "remote://" + directory.toAbsolutePath();
  }

  public static void reset() {
    OPENED.set(0);
    opening = name -> {};
    listing = status -> status;
  }

  @Override
  public URI getUri() {
    return URI.create("remote:///");
  }

  @Override
  public String getScheme() {
    return "remote";
  }

  @Override
  public FSDataInputStream open(org.apache.hadoop.fs.Path file, int buffer) throws IOException {
    if (OPENED.incrementAndGet() == Integer.getInteger(HANGS_AT, 0)) {
      try {
        Thread.sleep(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
    opening.opens(file.getName());
    return super.open(file, buffer);
  }

  @Override
  public FileStatus[] listStatus(org.apache.hadoop.fs.Path folder) throws IOException {
    return Arrays.stream(super.listStatus(folder))
        .map(RemoteFiles::plain)
        .map(listing)
        .toArray(FileStatus[]::new);
  }

  /** Removes the permissions, which are read lazily from a path that must be local. */
  private static FileStatus plain(FileStatus status) {
    return new FileStatus(
        status.getLen(),
        status.isDirectory(),
        status.getReplication(),
        status.getBlockSize(),
        status.getModificationTime(),
        status.getPath());
  }
}
