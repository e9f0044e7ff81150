package org.longrope.driver.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** Hadoop file systems whose classes are on the class path. */
final class FileSystems {
  /** Schemes in use, and the artifact that brings each; Hadoop's client itself for the first. */
  private static final Map<String, String> ARTIFACTS =
      new TreeMap<>(
          Map.of(
              "file", "hadoop-client",
              "hdfs", "hadoop-client",
              "webhdfs", "hadoop-client",
              "viewfs", "hadoop-client",
              "s3a", "hadoop-aws",
              "abfss", "hadoop-azure",
              "gs", "gcs-connector"));

  private FileSystems() {}

  /** Lists the schemes that resolve, then those that do not, with the artifact that they need. */
  static String text(Configuration hadoop) {
    List<String> there = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    ARTIFACTS.forEach(
        (scheme, artifact) -> {
          if (resolves(scheme, hadoop)) {
            there.add(scheme);
          } else {
            missing.add(scheme + " (" + artifact + ")");
          }
        });
    String text = String.join(", ", there);
    return missing.isEmpty()
        ? text
        : text + "; not on the class path: " + String.join(", ", missing);
  }

  private static boolean resolves(String scheme, Configuration hadoop) {
    try {
      FileSystem.getFileSystemClass(scheme, hadoop);
      return true;
    } catch (IOException | RuntimeException | LinkageError e) {
      return false;
    }
  }
}
