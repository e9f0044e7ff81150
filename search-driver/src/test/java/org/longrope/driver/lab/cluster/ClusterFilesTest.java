package org.longrope.driver.lab.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;

class ClusterFilesTest {
  @TempDir Path directory;

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void secret_isMadeOnceAndForItsOwnerAlone() throws IOException {
    ClusterFiles files = new ClusterFiles(directory.resolve("cluster"));
    files.create();
    String secret = ClusterSecret.obtain(files.secret());
    assertThat(secret).matches("[0-9a-f]{64}");
    assertThat(ClusterSecret.obtain(files.secret())).isEqualTo(secret);
    assertThat(ClusterSecret.obtain(directory.resolve("another"))).isNotEqualTo(secret);
    assertThat(permissions(files.secret())).isEqualTo("rw-------");
    assertThat(permissions(files.conf())).isEqualTo("rwx------");
    assertThat(permissions(files.directory())).isEqualTo("rwx------");
  }

  @Test
  void settings_withTheSecret_areForTheirOwnerAlone() throws IOException {
    ClusterFiles files = new ClusterFiles(directory.resolve("cluster"));
    files.create();
    DaemonSettings settings = new DaemonSettings(files);
    String secret = ClusterSecret.obtain(files.secret());
    settings.application("spark://127.0.0.1:1", new GpuDiscovery(1, true));
    for (Path file :
        List.of(
            settings.master(),
            settings.worker(1, new GpuDiscovery(1, true)),
            files.conf().resolve("application.properties"))) {
      assertThat(permissions(file)).isEqualTo("rw-------");
      assertThat(file).content().contains("spark.authenticate.secret " + secret);
    }
  }

  @Test
  void create_whereAFileIs_isRejected() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "mine");
    assertThatThrownBy(() -> new ClusterFiles(file.resolve("cluster")).create())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--directory");
    assertThat(file).hasContent("mine");
  }

  @Test
  void logTail_isTheCauseAndNotShutdownMessages() throws IOException {
    Path log = directory.resolve("master.log");
    String before = "Exception of an earlier process\n";
    Files.writeString(
        log,
        before
            + """
            26/01/02 03:04:05 INFO Master: Starting
            Exception in thread "main" java.net.BindException: Address already in use
            \tat java.base/sun.nio.ch.Net.bind0(Native Method)
            26/01/02 03:04:06 INFO ShutdownHookManager: Shutdown hook called

            """);
    assertThat(LogTail.of(log, before.length())).contains("BindException: Address already in use");
    assertThat(LogTail.of(log, log.toFile().length())).isEqualTo("its log is empty");
    assertThat(LogTail.of(directory.resolve("none"), 0)).contains("cannot be read");
  }

  @Test
  void masterView_knowsRegisteredWorkersAndApplications() throws IOException {
    MasterView view =
        MasterView.parse(
            new JsonMapper()
                .readTree(
                    """
                    {"workers": [
                      {"webuiaddress": "http://127.0.0.1:1", "cores": 2, "coresused": 1, "state": "ALIVE"},
                      {"webuiaddress": "http://127.0.0.1:2", "cores": 2, "coresused": 0, "state": "DEAD"}],
                     "activeapps": [{"id": "app-1", "name": "search", "cores": 1, "state": "RUNNING"}]}
                    """));
    assertThat(view.workers()).containsExactly(new MasterView.Worker("http://127.0.0.1:1", 2, 1));
    assertThat(view.applications())
        .containsExactly(new MasterView.Application("app-1", "search", 1, "RUNNING"));
    assertThat(MasterView.ask("http://127.0.0.1:" + FreePort.any())).isEmpty();
  }
}
