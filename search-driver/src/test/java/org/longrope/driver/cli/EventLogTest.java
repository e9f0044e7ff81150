package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.deploy.history.HistoryServer;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;

/** Spark's own history server, in its own process, opens what a search logged. */
@Tag("cluster")
class EventLogTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir Path directory;

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process historyServer(Path events, int port) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().strip().split("\\s+")));
    command.addAll(
        List.of(
            "-Dspark.history.fs.logDirectory=" + events,
            "-Dspark.history.ui.port=" + port,
            "-cp",
            System.getProperty("java.class.path"),
            HistoryServer.class.getName()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("history.log").toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }

  /** The first answer that is not empty, of a server that may still be starting. */
  private static JsonNode ask(URI page) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (System.nanoTime() < end) {
      try {
        HttpResponse<String> answer =
            HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200) {
          JsonNode json = new JsonMapper().readTree(answer.body());
          if (!json.isEmpty()) {
            return json;
          }
        }
      } catch (ConnectException e) {
        // Not yet.
      }
      Thread.sleep(200);
    }
    throw new AssertionError("Nothing at " + page);
  }

  @Test
  void aSearchsEventLog_showsItsJobsByGenerationAndCandidate() throws Exception {
    Path events = Files.createDirectory(directory.resolve("events"));
    Captured search =
        Captured.run(
            "search",
            "--model=" + WORLD.model(),
            "--data=" + WORLD.data(),
            "--output=" + directory.resolve("run"),
            "--target-length=128",
            "--documents=2",
            "--population=4",
            "--parents=2",
            "--mutations=1",
            "--crossovers=1",
            "--iterations=1",
            "--master=local[1]",
            "--conf=spark.eventLog.enabled=true",
            "--conf=spark.eventLog.dir=" + events.toUri());
    assertThat(search.exitCode()).as(search.err()).isZero();
    int port = freePort();
    Process server = historyServer(events, port);
    try {
      URI api = URI.create("http://127.0.0.1:" + port + "/api/v1/applications");
      JsonNode application = ask(api).get(0);
      assertThat(application.get("name").asText()).isEqualTo("longrope search");
      JsonNode jobs = ask(URI.create(api + "/" + application.get("id").asText() + "/jobs"));
      assertThat(jobs.findValuesAsText("jobGroup"))
          .contains("baseline", "generation-0", "generation-1", "held-out", "original-window");
      assertThat(jobs.findValuesAsText("description"))
          .anyMatch(text -> text.matches("generation-0 · candidate \\d+ \\(.+\\)"));
      assertThat(jobs.findValuesAsText("status")).containsOnly("SUCCEEDED");
    } finally {
      server.destroyForcibly().waitFor();
    }
  }
}
