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

/** Local files under another scheme, counted as they are opened, and made to fail where asked. */
public final class RemoteFiles extends RawLocalFileSystem {
  /** A property of the process: it hangs at the opening with this number. */
  public static final String HANGS_AT = "remote.hangs-at";

  public static final AtomicInteger OPENED = new AtomicInteger();

  /** Told the name of each file that is opened. */
  public static volatile Opening opening = name -> {};

  /** What a listing says instead of each file. */
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

  /** Local files are asked for their permissions by a path that must be a local one. */
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
