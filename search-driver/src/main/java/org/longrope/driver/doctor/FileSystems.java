package org.longrope.driver.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** The Hadoop file systems whose classes are on the class path. */
final class FileSystems {
  /** Schemes in use, and the artifact that contains each. */
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

  /** Lists the available schemes, then the others with the artifact that they need. */
  static String text(Configuration hadoop) {
    List<String> available = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    ARTIFACTS.forEach(
        (scheme, artifact) -> {
          if (isAvailable(scheme, hadoop)) {
            available.add(scheme);
          } else {
            missing.add(scheme + " (" + artifact + ")");
          }
        });
    String text = String.join(", ", available);
    return missing.isEmpty()
        ? text
        : text + "; not on the class path: " + String.join(", ", missing);
  }

  private static boolean isAvailable(String scheme, Configuration hadoop) {
    try {
      FileSystem.getFileSystemClass(scheme, hadoop);
      return true;
    } catch (IOException | RuntimeException | LinkageError e) {
      return false;
    }
  }
}
