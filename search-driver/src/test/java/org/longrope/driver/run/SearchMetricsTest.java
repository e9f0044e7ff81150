package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.run.replay.RunState;

/** Gauges that Prometheus reads with the distributed metrics.properties. */
class SearchMetricsTest {
  private static final Path SHIPPED = Path.of("../conf/metrics.properties").toAbsolutePath();

  private static Map<String, String> scraped(JavaSparkContext spark) throws Exception {
    URI page = URI.create(spark.sc().uiWebUrl().get() + "/metrics/prometheus/");
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer
        .body()
        .lines()
        .filter(line -> line.contains("driver_longrope_"))
        .collect(
            Collectors.toMap(
                line -> line.replaceAll(".*driver_longrope_(\\w+?)_Value.*", "$1"),
                line -> line.substring(line.lastIndexOf(' ') + 1)));
  }

  @Test
  void update_registeredMetrics_areScrapedWithTheLastValues() throws Exception {
    try (JavaSparkContext spark =
        new SparkSettings(
                "local[1]",
                Map.of(
                    "spark.ui.enabled", "true",
                    "spark.ui.port", "0",
                    "spark.metrics.conf", SHIPPED.toString()))
            .start("test")) {
      SearchMetrics metrics = new SearchMetrics();
      metrics.register();
      assertThat(scraped(spark)).containsEntry("evaluations", "0");
      metrics.update(
          new RunState(40, 30, 35, 25, 10_000, 2, 7, 100, 12.5, OptionalDouble.of(5.25)));
      metrics.modelLoaded(1.5);
      metrics.modelLoaded(2);
      assertThat(scraped(spark))
          .containsEntry("bestPerplexity", "5.25")
          .containsEntry("modelLoads", "2")
          .containsEntry("modelLoadSeconds", "3.5")
          .containsKeys("evaluations", "rejected", "queued", "toGo", "deviceSeconds")
          .hasEntrySatisfying(
              "tokensPerSecond", value -> assertThat(Double.valueOf(value)).isPositive());
    }
  }
}
