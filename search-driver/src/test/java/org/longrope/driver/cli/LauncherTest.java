package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/longrope in a small checkout of its own, with a Maven and a Java that only tell of it. */
class LauncherTest {
  private static final String BUILT_ONCE = "Building (once; Maven fetches Spark and libtorch) ...";
  private static final String BUILT_AGAIN = "Building (the sources have changed) ...";

  /** All that the launcher needs; Maven may lie where these do. */
  private static final List<String> COMMANDS =
      List.of(
          "bash",
          "cat",
          "cksum",
          "dirname",
          "find",
          "flock",
          "head",
          "mkdir",
          "readlink",
          "sort",
          "touch");

  @TempDir Path directory;
  private Path home;
  private Path source;
  private Path jar;
  private Path tools;

  @BeforeEach
  void writeCheckout() throws IOException {
    home = directory.resolve("check out");
    Files.createDirectories(home.resolve("bin"));
    Path launcher = home.resolve("bin/longrope");
    Files.copy(Path.of("..", "bin", "longrope"), launcher);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Path sources = Files.createDirectories(home.resolve("search-driver/src/main/java"));
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    source = Files.writeString(sources.resolve("Main.java"), "class Main {}");
    Files.writeString(sources.resolve("Other.java"), "class Other {}");
    jar = home.resolve("search-driver/target/longrope.jar");
    tools = Files.createDirectories(directory.resolve("tools"));
    for (String name : COMMANDS) {
      tool(name, "exec " + onPath(name) + " \"$@\"");
    }
    tool("mvn", "mkdir -p search-driver/target/spark", "touch search-driver/target/longrope.jar");
    tool("java", "echo \"ran ${!#}\"");
  }

  private static Path onPath(String name) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  private void tool(String name, String... lines) throws IOException {
    Path file = tools.resolve(name);
    Files.writeString(file, "#!" + onPath("bash") + "\n" + String.join("\n", lines) + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(home.resolve("bin/longrope").toString(), "status")
            .redirectErrorStream(true);
    builder.environment().remove("JAVA_HOME");
    builder.environment().put("PATH", tools.toString());
    return builder.start();
  }

  /** Everything that is printed, line by line. */
  private List<String> run() throws IOException, InterruptedException {
    Process process = start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return output.lines().toList();
  }

  private void edit() throws IOException {
    Files.writeString(source, "// more", StandardOpenOption.APPEND);
  }

  @Test
  void run_withoutABuild_buildsOnce() throws Exception {
    assertThat(run()).containsExactly(BUILT_ONCE, "ran status");
    assertThat(run()).containsExactly("ran status");
  }

  @Test
  void run_afterAnEdit_buildsAgain() throws Exception {
    run();
    edit();
    assertThat(run()).containsExactly(BUILT_AGAIN, "ran status");
    assertThat(run()).containsExactly("ran status");
  }

  @Test
  void run_afterAnotherVersionWithOldTimes_buildsAgain() throws Exception {
    run();
    edit();
    Files.setLastModifiedTime(source, FileTime.from(Instant.EPOCH));
    assertThat(run()).containsExactly(BUILT_AGAIN, "ran status");
  }

  @Test
  void run_afterASourceIsRemoved_buildsAgain() throws Exception {
    run();
    Files.delete(source);
    assertThat(run()).containsExactly(BUILT_AGAIN, "ran status");
  }

  @Test
  void run_withNewTimesButTheSameSources_doesNotBuild() throws Exception {
    run();
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(100)));
    assertThat(run()).containsExactly("ran status");
  }

  @Test
  void run_afterMavenByHand_usesItsBuild() throws Exception {
    Files.createDirectories(home.resolve("search-driver/target/spark"));
    Files.createFile(jar);
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(100)));
    assertThat(run()).containsExactly("ran status");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
    Files.deleteIfExists(jar.resolveSibling("longrope.sources"));
    assertThat(run()).containsExactly(BUILT_AGAIN, "ran status");
  }

  @Test
  void run_withoutMaven_warnsThatTheBuildIsOld() throws Exception {
    run();
    edit();
    Files.delete(tools.resolve("mvn"));
    assertThat(run())
        .containsExactly(
            "warning: the sources have changed since the build, but Maven is not installed: the old"
                + " build runs.",
            "ran status");
  }

  @Test
  void run_withoutMavenAndBuild_reportsWhatIsMissing() throws Exception {
    Files.delete(tools.resolve("mvn"));
    assertThat(run())
        .singleElement()
        .asString()
        .startsWith("longrope: There is no build in " + jar.getParent());
  }

  @Test
  void run_withoutSources_runsTheBuild() throws Exception {
    run();
    Files.delete(home.resolve("pom.xml"));
    edit();
    assertThat(run()).containsExactly("ran status");
  }

  @Test
  void run_whileAnotherRunsFromTheBuild_doesNotReplaceIt() throws Exception {
    run();
    tool("java", "echo \"ran ${!#}\"", "read -r line");
    Process other = start();
    assertThat(other.inputReader().readLine()).isEqualTo("ran status");
    edit();
    assertThat(run())
        .containsExactly(
            "warning: the sources have changed since the build, but another command uses it: the"
                + " old build runs.",
            "ran status");
    other.getOutputStream().close();
    assertThat(other.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(run()).containsExactly(BUILT_AGAIN, "ran status");
  }
}
