package org.longrope.driver.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Local files that behave like an object store's: a file is there, whole, when its writer closes it
 * and not before, and there is no rename.
 */
public final class ObjectStore extends RawLocalFileSystem {
  private static final AtomicInteger LISTINGS = new AtomicInteger();
  private static final AtomicInteger LOST = new AtomicInteger();

  /** Folders listed by all such stores so far. */
  static int listings() {
    return LISTINGS.get();
  }

  /** Loses so many of the files that are closed next: their writers are told, nothing is there. */
  static void loses(int files) {
    LOST.set(files);
  }

  public static Configuration hadoop() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.store.impl", ObjectStore.class.getName());
    return hadoop;
  }

  public static String location(Path directory) {
    return "store://" + directory.toAbsolutePath();
  }

  @Override
  public URI getUri() {
    return URI.create("store:///");
  }

  @Override
  public String getScheme() {
    return "store";
  }

  @Override
  public boolean hasPathCapability(org.apache.hadoop.fs.Path path, String capability)
      throws IOException {
    return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM)
        || super.hasPathCapability(path, capability);
  }

  @Override
  public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
      throws IOException {
    throw new IOException("A rename is not atomic here");
  }

  @Override
  public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) throws IOException {
    LISTINGS.incrementAndGet();
    return super.listStatus(path);
  }

  @Override
  protected OutputStream createOutputStreamWithMode(
      org.apache.hadoop.fs.Path file, boolean append, FsPermission permission) {
    return new ByteArrayOutputStream() {
      @Override
      public void close() throws IOException {
        if (LOST.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          throw new IOException("Connection reset");
        }
        try (OutputStream out =
            ObjectStore.super.createOutputStreamWithMode(file, append, permission)) {
          writeTo(out);
        }
      }
    };
  }
}
