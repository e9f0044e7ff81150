package org.longrope.driver.run;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.permission.FsPermission;

/** Local files under another scheme, on a disk that runs full when a test says so. */
public final class FullDisk extends RawLocalFileSystem {
  static final int FOR_EVER = Integer.MAX_VALUE;

  /** True where written data can be flushed before the file is closed. */
  static volatile boolean flushes = true;

  private static String files = "";
  private static int writesLeft;
  private static int failuresLeft;
  private static int listingsLeft;
  private static boolean half;

  static Configuration hadoop() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.full.impl", FullDisk.class.getName());
    return hadoop;
  }

  static String location(Path directory) {
    return "full://" + directory.toAbsolutePath();
  }

  static synchronized void reset() {
    flushes = true;
    failuresLeft = 0;
    listingsLeft = 0;
  }

  /**
   * After so many writes to files whose names contain a text there is room for half of one more,
   * and none in the failures that follow.
   */
  static synchronized void fillsUp(String names, int afterWrites, int failures) {
    files = names;
    writesLeft = afterWrites;
    failuresLeft = failures;
    half = true;
  }

  /** Makes a number of listings of a folder fail. */
  static synchronized void failsToList(int listings) {
    listingsLeft = listings;
  }

  private static synchronized void write(
      String file, OutputStream out, byte[] bytes, int from, int length) throws IOException {
    if (failuresLeft == 0 || !file.contains(files) || writesLeft-- > 0) {
      out.write(bytes, from, length);
      return;
    }
    if (failuresLeft != FOR_EVER) {
      failuresLeft--;
    }
    if (half) {
      out.write(bytes, from, length / 2);
      half = false;
    }
    throw new IOException("No space left on device");
  }

  @Override
  public URI getUri() {
    return URI.create("full:///");
  }

  @Override
  public String getScheme() {
    return "full";
  }

  @Override
  protected OutputStream createOutputStreamWithMode(
      org.apache.hadoop.fs.Path file, boolean append, FsPermission permission) throws IOException {
    OutputStream out = super.createOutputStreamWithMode(file, append, permission);
    return flushes ? new Flushing(out, file.getName()) : new Limited(out, file.getName());
  }

  @Override
  public FileStatus[] listStatus(org.apache.hadoop.fs.Path folder) throws IOException {
    synchronized (FullDisk.class) {
      if (listingsLeft > 0) {
        listingsLeft--;
        throw new IOException("Input/output error");
      }
    }
    return super.listStatus(folder);
  }

  private static class Limited extends FilterOutputStream {
    private final String name;

    Limited(OutputStream out, String name) {
      super(out);
      this.name = name;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      FullDisk.write(name, out, bytes, from, length);
    }
  }

  private static final class Flushing extends Limited implements Syncable, StreamCapabilities {
    Flushing(OutputStream out, String name) {
      super(out, name);
    }

    @Override
    public void hflush() throws IOException {
      out.flush();
    }

    @Override
    public void hsync() throws IOException {
      out.flush();
    }

    @Override
    public boolean hasCapability(String capability) {
      return capability.equals(HFLUSH) || capability.equals(HSYNC);
    }
  }
}
