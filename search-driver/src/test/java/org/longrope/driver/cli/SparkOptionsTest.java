package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.eval.BadInputException;

/** Tests of the settings that follow from a development cluster's URL. */
class SparkOptionsTest {
  @TempDir Path cluster;

  @BeforeEach
  void startedOnce() throws IOException {
    Files.writeString(
        cluster.resolve("cluster.json"),
        """
        {"master": "spark://127.0.0.1:7000", "master_port": 7000, "workers": 1, "cores_per_worker": 1, "gpus_per_worker": "fake:1",
         "processes": []}
        """);
  }

  private SparkSettings settings(String master, String... pairs) {
    SparkOptions options = new SparkOptions();
    options.master = master;
    for (int i = 0; i < pairs.length; i += 2) {
      options.conf.put(pairs[i], pairs[i + 1]);
    }
    return options.settings(cluster);
  }

  @Test
  void settings_ofTheClustersUrl_haveItsSecretAndGpus() {
    assertThat(settings("spark://127.0.0.1:7000").settings())
        .containsEntry("spark.authenticate", "true")
        .containsEntry("spark.authenticate.secret.file", cluster.resolve("conf/secret").toString())
        .containsEntry("spark.executor.resource.gpu.amount", "1")
        .containsEntry("spark.task.resource.gpu.amount", "1")
        .containsEntry("spark.executor.cores", "1");
  }

  @Test
  void settings_givenByTheUser_areKept() {
    assertThat(settings("spark://127.0.0.1:7000", "spark.executor.cores", "2").settings())
        .containsEntry("spark.executor.cores", "2")
        .containsEntry("spark.authenticate", "true");
  }

  @Test
  void hadoop_usesSettingsOfSparkSubmitUnlessTheCommandLineChangesThem() {
    System.setProperty("spark.hadoop.longrope.first", "submit");
    System.setProperty("spark.hadoop.longrope.second", "submit");
    try {
      Configuration hadoop = settings(null, "spark.hadoop.longrope.second", "here").hadoop();
      assertThat(hadoop.get("longrope.first")).isEqualTo("submit");
      assertThat(hadoop.get("longrope.second")).isEqualTo("here");
    } finally {
      System.clearProperty("spark.hadoop.longrope.first");
      System.clearProperty("spark.hadoop.longrope.second");
    }
  }

  @Test
  void settings_ofAnotherMaster_areOnlyThoseGiven() {
    assertThat(settings("spark://127.0.0.1:7001").settings()).isEmpty();
    assertThat(settings("local[2]", "a", "b").settings()).containsOnlyKeys("a");
    assertThat(settings(null).settings()).isEmpty();
  }

  @Test
  void settings_withASecretOnTheCommandLine_areRefused() {
    assertThatThrownBy(() -> settings("spark://host:7077", "spark.authenticate.secret", "s3cret"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("spark.authenticate.secret.file")
        .hasMessageNotContaining("s3cret");
  }
}
