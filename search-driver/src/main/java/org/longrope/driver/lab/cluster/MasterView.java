package org.longrope.driver.lab.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Cluster as its master's web page describes it.
 *
 * @param workers that are alive
 * @param applications that run or wait
 */
public record MasterView(List<Worker> workers, List<Application> applications) {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(PATIENCE).proxy(HttpClient.Builder.NO_PROXY).build();

  public MasterView {
    workers = List.copyOf(workers);
    applications = List.copyOf(applications);
  }

  /**
   * Registered worker.
   *
   * @param ui its web page
   * @param cores that it offers
   * @param coresUsed of these, by executors
   */
  public record Worker(String ui, int cores, int coresUsed) {}

  /**
   * Application of the cluster.
   *
   * @param id from Spark
   * @param name that it chose
   * @param cores that its executors hold
   * @param state RUNNING or WAITING
   */
  public record Application(String id, String name, int cores, String state) {}

  /** Reads the master's web page; empty if it does not answer. */
  static Optional<MasterView> ask(String ui) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(ui + "/json/")).timeout(PATIENCE).build();
    try {
      HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200
          ? Optional.of(parse(new JsonMapper().readTree(response.body())))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  static MasterView parse(JsonNode json) {
    List<Worker> workers = new ArrayList<>();
    for (JsonNode worker : json.path("workers")) {
      if (worker.path("state").asText().equals("ALIVE")) {
        workers.add(
            new Worker(
                worker.path("webuiaddress").asText(),
                worker.path("cores").asInt(),
                worker.path("coresused").asInt()));
      }
    }
    List<Application> applications = new ArrayList<>();
    for (JsonNode application : json.path("activeapps")) {
      applications.add(
          new Application(
              application.path("id").asText(),
              application.path("name").asText(),
              application.path("cores").asInt(),
              application.path("state").asText()));
    }
    return new MasterView(workers, applications);
  }

  boolean has(ClusterProcess worker) {
    return workers.stream().anyMatch(registered -> registered.ui().equals(worker.ui()));
  }
}
