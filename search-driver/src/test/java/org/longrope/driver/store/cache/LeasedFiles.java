package org.longrope.driver.store.cache;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.LeaseRecoverable;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files of which some are being written and cannot be read, as on HDFS. */
public final class LeasedFiles extends RawLocalFileSystem implements LeaseRecoverable {
  private static List<String> unreadable = List.of();
  private static final List<String> LEASES_TAKEN = new ArrayList<>();

  static Configuration hadoop() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.leased.impl", LeasedFiles.class.getName());
    return hadoop;
  }

  static String location(Path directory) {
    return "leased://" + directory.toAbsolutePath();
  }

  static synchronized void cannotRead(List<Path> files) {
    unreadable = files.stream().map(Path::toString).toList();
    LEASES_TAKEN.clear();
  }

  /** Files whose writers were cut off. */
  static synchronized List<String> leasesTaken() {
    return List.copyOf(LEASES_TAKEN);
  }

  private static synchronized boolean isOpen(org.apache.hadoop.fs.Path file) {
    return unreadable.contains(file.toUri().getPath());
  }

  @Override
  public URI getUri() {
    return URI.create("leased:///");
  }

  @Override
  public String getScheme() {
    return "leased";
  }

  @Override
  public FSDataInputStream open(org.apache.hadoop.fs.Path file, int bufferSize) throws IOException {
    if (isOpen(file)) {
      throw new IOException("Cannot obtain block length");
    }
    return super.open(file, bufferSize);
  }

  @Override
  public boolean recoverLease(org.apache.hadoop.fs.Path file) {
    synchronized (LeasedFiles.class) {
      LEASES_TAKEN.add(file.toUri().getPath());
    }
    return true;
  }

  @Override
  public boolean isFileClosed(org.apache.hadoop.fs.Path file) {
    return !isOpen(file);
  }
}
