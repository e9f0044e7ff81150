package org.longrope.driver.execution.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * The secret of spark.authenticate from places that Spark itself does not read: a standalone driver
 * reads only the property, which would expose the secret on a command line or in a shared file.
 */
final class ApplicationSecret {
  /** The variable by which a standalone worker gives it to its drivers (deploy mode cluster). */
  static final String ENVIRONMENT = "_SPARK_AUTH_SECRET";

  private static final String SECRET = "spark.authenticate.secret";
  private static final String FILE = "spark.authenticate.secret.file";

  private ApplicationSecret() {}

  /**
   * Sets the secret from its file or the environment, unless the property is set.
   *
   * @param environment the value of {@link #ENVIRONMENT}; null for none
   * @throws BadInputException if the file cannot be read
   */
  static void resolve(SparkConf conf, @Nullable String environment) {
    if (conf.contains(SECRET)) {
      return;
    }
    // On Kubernetes, Spark itself reads the file.
    if (conf.contains(FILE) && !conf.get("spark.master").startsWith("k8s")) {
      conf.set(SECRET, read(Path.of(conf.get(FILE))));
    } else if (environment != null && conf.getBoolean("spark.authenticate", false)) {
      conf.set(SECRET, environment);
    }
  }

  private static String read(Path file) {
    String secret;
    try {
      secret = Files.readString(file).strip();
    } catch (IOException e) {
      throw new BadInputException(
          FILE
              + " is "
              + file
              + ", which cannot be read ("
              + e.getClass().getSimpleName()
              + "): expected a readable file with the cluster's secret.",
          e);
    }
    if (secret.isEmpty()) {
      throw BadInputException.of(
          "%s is %s, which is empty: expected a file with the cluster's secret.", FILE, file);
    }
    return secret;
  }
}
