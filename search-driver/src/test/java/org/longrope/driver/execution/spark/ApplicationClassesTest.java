package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationClassesTest {
  private static final String JARS =
      "/app/longrope.jar:/app/lib/djl.jar:/app/spark/spark-core_2.13-4.1.0.jar:/app/spark/scala.jar";
  private static final String BUILD = "/app/classes:/repository/spark-core_2.13-4.1.0.jar";

  private static SparkConf conf(String master, String... pairs) {
    SparkConf conf = new SparkConf(false).set("spark.master", master);
    for (int i = 0; i < pairs.length; i += 2) {
      conf.set(pairs[i], pairs[i + 1]);
    }
    return conf;
  }

  private static SparkConf sent(SparkConf conf, String classPath) {
    ApplicationClasses.send(conf, classPath);
    return conf;
  }

  @ParameterizedTest
  @ValueSource(strings = {"spark://127.0.0.1:7077", "spark://localhost:1,localhost:2"})
  void send_masterOnThisHost_setsTheClassPath(String master) {
    SparkConf conf = sent(conf(master), BUILD);
    assertThat(conf.get("spark.executor.extraClassPath")).isEqualTo(BUILD);
    assertThat(conf.contains("spark.jars")).isFalse();
    SparkConf given = conf(master, "spark.executor.extraClassPath", "/mine.jar");
    assertThat(sent(given, BUILD).get("spark.executor.extraClassPath")).isEqualTo("/mine.jar");
  }

  @ParameterizedTest
  @ValueSource(strings = {"spark://host:7077", "spark://localhost:1,host:2", "yarn"})
  void send_masterOnAnotherHost_sendsTheJarsThatSparkLacks(String master) {
    SparkConf conf = sent(conf(master), JARS);
    assertThat(conf.get("spark.jars")).isEqualTo("/app/longrope.jar,/app/lib/djl.jar");
    assertThat(conf.contains("spark.executor.extraClassPath")).isFalse();
  }

  @Test
  void send_localMasterOrSparkSubmit_changesNothing() {
    for (SparkConf conf :
        new SparkConf[] {
          conf("local[*]"),
          conf("spark://127.0.0.1:7077", "spark.submit.deployMode", "client"),
          conf("spark://127.0.0.1:7077", "spark.app.submitTime", "1"),
          conf("spark://127.0.0.1:7077", "spark.jars", "/mine.jar"),
          conf("spark://host:7077", "spark.jars", "/mine.jar")
        }) {
      int before = conf.getAll().length;
      assertThat(sent(conf, JARS).getAll()).hasSize(before);
    }
    assertThat(sent(conf("spark://host:7077"), BUILD).contains("spark.jars")).isFalse();
  }
}
