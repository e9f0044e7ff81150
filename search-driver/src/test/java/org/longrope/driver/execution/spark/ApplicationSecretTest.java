package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;

class ApplicationSecretTest {
  private static final String SECRET = "spark.authenticate.secret";
  private static final String FILE = "spark.authenticate.secret.file";

  @TempDir Path directory;

  private static SparkConf conf(String... pairs) {
    SparkConf conf = new SparkConf(false).set("spark.master", "spark://127.0.0.1:7077");
    for (int i = 0; i < pairs.length; i += 2) {
      conf.set(pairs[i], pairs[i + 1]);
    }
    return conf;
  }

  private static SparkConf resolved(SparkConf conf, String environment) {
    ApplicationSecret.resolve(conf, environment);
    return conf;
  }

  @Test
  void resolve_fileAndSecretGiven_prefersTheSecret() throws IOException {
    String file = Files.writeString(directory.resolve("secret"), "abc\n").toString();
    assertThat(resolved(conf(FILE, file), null).get(SECRET)).isEqualTo("abc");
    assertThat(resolved(conf(FILE, file, SECRET, "given"), "env").get(SECRET)).isEqualTo("given");
    assertThat(resolved(conf(), null).contains(SECRET)).isFalse();
  }

  @Test
  void resolve_driverOnAWorker_usesTheEnvironment() {
    assertThat(resolved(conf("spark.authenticate", "true"), "env").get(SECRET)).isEqualTo("env");
    assertThat(resolved(conf(), "env").contains(SECRET)).isFalse();
  }

  @Test
  void resolve_onKubernetes_leavesTheFileToSpark() {
    SparkConf conf = conf(FILE, "/var/run/secret").set("spark.master", "k8s://host");
    assertThat(resolved(conf, null).contains(SECRET)).isFalse();
  }

  @Test
  void resolve_missingOrEmptyFile_isRejected() throws IOException {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> resolved(conf(FILE, missing.toString()), null))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(missing.toString());
    Path empty = Files.writeString(directory.resolve("empty"), "\n");
    assertThatThrownBy(() -> resolved(conf(FILE, empty.toString()), null))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("empty");
  }
}
