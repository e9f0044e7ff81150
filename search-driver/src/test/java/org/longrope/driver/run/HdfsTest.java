package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.datasets.DocumentDescriptor;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.datasets.Preparation;
import org.longrope.datasets.PrepareRequest;
import org.longrope.datasets.PrepareResult;
import org.longrope.datasets.SourceFormat;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.execution.worker.CopyingProcess;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.search.genetic.GeneticConfig;

/** Partitions, models and run directories on a real HDFS of one datanode. */
@Tag("cluster")
class HdfsTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir static Path folder;
  private static TinyWorld world;
  private static MiniDFSCluster cluster;
  private static FileSystem hdfs;
  private static String root;
  private static Path unbroken;
  private static String summary;

  @BeforeAll
  static void startCluster() throws IOException {
    world = TinyWorld.shared();
    // Closing a file asks again after this time whether its block is there, and doubles it.
    HADOOP.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 10);
    cluster =
        new MiniDFSCluster.Builder(new Configuration(), folder.resolve("hdfs").toFile())
            .numDataNodes(1)
            .build();
    cluster.waitActive();
    root = cluster.getURI() + "/longrope";
    hdfs = FileSystem.get(cluster.getURI(), HADOOP);
    unbroken = folder.resolve("unbroken");
    summary = Runs.run(unbroken, settings(world), Runs.synthetic());
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.shutdown();
    }
  }

  private static SearchSettings settings(TinyWorld world) {
    return Runs.settings(
        world.model(), world.data(), new GeneticConfig(4, 2, 1, 1, 2, 0.5, 3), 1, 1);
  }

  private static org.apache.hadoop.fs.Path upload(Path local, String name) throws IOException {
    org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(root, name);
    hdfs.copyFromLocalFile(false, true, new org.apache.hadoop.fs.Path(local.toUri()), remote);
    return remote;
  }

  private static PrepareResult prepare(JavaSparkContext spark, String input, String output) {
    PrepareRequest request =
        new PrepareRequest(List.of(input), SourceFormat.TOKENS, null, output, null, 0, null, 1);
    return Preparation.run(spark, request, (documents, tokens, done, shares) -> {});
  }

  @Test
  void partition_preparedOnHdfs_isTheSameAsALocalOne() throws IOException {
    String input = upload(world.data().resolveSibling("data.jsonl"), "data.jsonl").toString();
    String output = root + "/data";
    try (JavaSparkContext spark = new SparkSettings("local[1]", Map.of()).start("hdfs")) {
      assertThat(prepare(spark, input, output).alreadyThere()).isFalse();
      assertThat(prepare(spark, input, output).alreadyThere()).isTrue();
    }
    EvaluationPartition remote =
        EvaluationPartition.open(new org.apache.hadoop.fs.Path(output), HADOOP);
    EvaluationPartition local =
        EvaluationPartition.open(
            new org.apache.hadoop.fs.Path(world.data().toString()), new Configuration());
    assertThat(remote.manifest()).isEqualTo(local.manifest());
    for (DocumentDescriptor document : local.documents()) {
      assertThat(remote.tokens(document.id())).isEqualTo(local.tokens(document.id()));
    }
    assertThat(hdfs.listStatus(new org.apache.hadoop.fs.Path(output)))
        .extracting(file -> file.getPath().getName())
        .containsExactly("manifest.json", "part-00000.parquet");
  }

  @Test
  void model_onHdfs_isCopiedOnceAndAgainWhenItChanges() throws Exception {
    Path source = TinyWorld.model(folder.resolve("model"), 4);
    String location = upload(source, "model").toString();
    Path directory = folder.resolve("cache");
    ModelCache cache = new ModelCache(directory);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    long before = bytesRead();
    try {
      Future<Path> one = threads.submit(() -> cache.open(location, null, HADOOP).directory());
      Future<Path> two = threads.submit(() -> cache.open(location, null, HADOOP).directory());
      assertThat(one.get(1, TimeUnit.MINUTES)).isEqualTo(two.get(1, TimeUnit.MINUTES));
    } finally {
      threads.shutdownNow();
    }
    String hash = Checkpoint.open(source).sha256();
    assertThat(cache.open(location, null, HADOOP).directory()).isEqualTo(directory.resolve(hash));
    assertThat(cache.open(location, hash, HADOOP).directory()).isEqualTo(directory.resolve(hash));
    assertThat(bytesRead() - before).isEqualTo(size(source));

    TinyWorld.model(source, 5);
    upload(source.resolve("model.safetensors"), "model/model.safetensors");
    String changed = Checkpoint.open(source).sha256();
    assertThat(cache.open(location, null, HADOOP).directory())
        .isEqualTo(directory.resolve(changed));
  }

  @Test
  void model_onHdfs_isCopiedOnceByTwoProcesses() throws Exception {
    String location = upload(world.model(), "shared-model").toString();
    Path directory = folder.resolve("shared-cache");
    Process one = CopyingProcess.start(directory, location);
    Process two = CopyingProcess.start(directory, location);
    assertThat(CopyingProcess.bytesRead(one) + CopyingProcess.bytesRead(two))
        .isEqualTo(size(world.model()));
  }

  @Test
  void report_ofARunOnHdfs_liesBesideItAndIsReplaced() throws IOException {
    String run = upload(unbroken, "reported").toString();
    for (int times = 0; times < 2; times++) {
      Captured report = Captured.run("report", run);
      assertThat(report.exitCode()).as(report.err()).isZero();
      assertThat(report.out()).isEqualTo(summary + run + "/report/report.html\n");
    }
    org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(run, "report");
    assertThat(hdfs.listStatus(folder))
        .extracting(file -> file.getPath().getName())
        .contains("report.html", "factors.json", "convergence.png")
        .noneMatch(name -> name.startsWith("."));
    try (InputStream page = hdfs.open(new org.apache.hadoop.fs.Path(folder, "report.html"))) {
      assertThat(new String(page.readAllBytes(), StandardCharsets.UTF_8))
          .contains(
              "<span>--factors</span> <span>factors.json</span>",
              "a copy of " + run + "/factors.json");
    }
  }

  private static long size(Path model) throws IOException {
    return Files.size(model.resolve("config.json"))
        + Files.size(model.resolve("model.safetensors"));
  }

  private static long bytesRead() {
    return FileSystem.getAllStatistics().stream()
        .filter(statistics -> statistics.getScheme().equals("hdfs"))
        .mapToLong(FileSystem.Statistics::getBytesRead)
        .sum();
  }

  @Test
  void resume_ofARunOnHdfs_endsLikeAnUnbrokenLocalRun() throws IOException {
    int all = Runs.evaluations(unbroken).size();
    for (int n : new int[] {0, 1, all / 2, all - 1}) {
      String run = root + "/stopped-" + n;
      assertThatThrownBy(() -> begin(run, settings(world), stoppingAfter(n, () -> {})))
          .hasMessage("stopped");
      assertThat(resume(run, Runs.synthetic())).isEqualTo(summary);
      assertLikeUnbroken(run);
    }
  }

  @Test
  void journal_whileItIsWritten_isReadToItsLastRecord() {
    String run = root + "/open";
    int records = Runs.evaluations(unbroken).size() / 2;
    TaskExecutor reading =
        stoppingAfter(
            records, () -> assertThat(journalOfAnotherClient(run).results()).hasSize(records));
    assertThatThrownBy(() -> begin(run, settings(world), reading)).hasMessage("stopped");
  }

  @Test
  void ledger_whileItIsWritten_isReadToItsLastEntry() {
    String ledger = root + "/ledger";
    int evaluated = Runs.evaluations(unbroken).size() / 2;
    int[] others = {0};
    TaskExecutor counting =
        Runs.local(
            task -> {
              others[0]++;
              return Runs.synthetic(task);
            });
    TaskExecutor reading =
        stoppingAfter(
            evaluated, () -> share(ledger, folder.resolve("reading"), counting, anotherClient()));
    assertThatThrownBy(() -> share(ledger, folder.resolve("writing"), reading, HADOOP))
        .hasMessage("stopped");
    // One of those that are there, to know the type and the bits, and those that are not.
    assertThat(others[0]).isEqualTo(Runs.evaluations(unbroken).size() - evaluated + 1);
  }

  private static void share(String ledger, Path run, TaskExecutor scorer, Configuration hadoop) {
    RunDirectory directory = RunDirectory.create(run.toString(), hadoop);
    SearchRun.begin(settings(world), ledger, directory, hadoop)
        .execute(scorer, Runs.SURROGATE, RunListener.SILENT);
  }

  @Test
  void resume_afterAKilledDriver_losesNoRecord() throws Exception {
    String run = root + "/killed";
    int records = Runs.evaluations(unbroken).size() / 2;
    kill(run, records);
    assertThat(closed(run)).isFalse();
    assertThat(journalOfAnotherClient(run).results()).hasSize(records);
    assertThat(resume(run, Runs.synthetic())).isEqualTo(summary);
    assertLikeUnbroken(run);
  }

  @Test
  void resume_afterAKilledDriverAndARestartedDatanode_losesNoRecord() throws Exception {
    String run = root + "/restarted";
    int records = Runs.evaluations(unbroken).size() / 2;
    kill(run, records);
    assertThat(cluster.restartDataNode(0)).isTrue();
    cluster.waitActive();
    assertThat(closed(run)).isFalse();
    assertThat(journalOfAnotherClient(run).results()).hasSize(records);
    assertThat(resume(run, Runs.synthetic())).isEqualTo(summary);
    assertLikeUnbroken(run);
  }

  @Test
  void write_whileAnotherReads_isOldOrNewAndWhole() throws Exception {
    String run = root + "/replaced";
    begin(run, settings(world), Runs.synthetic());
    // What a driver leaves that dies while it writes.
    FileSystem dead = FileSystem.newInstance(cluster.getURI(), HADOOP);
    FSDataOutputStream part =
        dead.create(new org.apache.hadoop.fs.Path(run, ".factors.json.part"), true);
    part.write(1);
    part.hflush();
    RunDirectory directory = RunDirectory.open(run, HADOOP);
    directory.write("factors.json", "0".repeat(5000));
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<?> writing =
          threads.submit(
              () -> {
                for (int i = 0; i < 30; i++) {
                  directory.write("factors.json", Integer.toString(i % 10).repeat(5000));
                }
              });
      RunDirectory reader = RunDirectory.open(run, anotherClient());
      while (!writing.isDone()) {
        String text = reader.read("factors.json");
        assertThat(text).hasSize(5000).matches("(.)\\1*");
      }
      writing.get(1, TimeUnit.MINUTES);
    } finally {
      threads.shutdownNow();
    }
    assertThat(directory.exists(".factors.json.part")).isTrue();
    assertThat(resume(run, Runs.synthetic())).isEqualTo(summary);
    assertThat(directory.exists(".factors.json.part")).isFalse();
  }

  private static String begin(String run, SearchSettings settings, TaskExecutor scorer) {
    RunDirectory directory = RunDirectory.create(run, HADOOP);
    return SearchRun.begin(settings, directory, HADOOP)
        .execute(scorer, Runs.SURROGATE, RunListener.SILENT);
  }

  private static String resume(String run, TaskExecutor scorer) {
    RunDirectory directory = RunDirectory.open(run, HADOOP);
    return SearchRun.resume(directory, HADOOP).execute(scorer, Runs.SURROGATE, RunListener.SILENT);
  }

  private static TaskExecutor stoppingAfter(int answers, Runnable end) {
    int[] left = {answers};
    return Runs.local(
        task -> {
          if (left[0]-- == 0) {
            end.run();
            throw new IllegalStateException("stopped");
          }
          return Runs.synthetic(task);
        });
  }

  private static Configuration anotherClient() {
    Configuration configuration = new Configuration();
    configuration.setBoolean("fs.hdfs.impl.disable.cache", true);
    return configuration;
  }

  private static RunLog journalOfAnotherClient(String run) {
    return Runs.log(RunDirectory.open(run, anotherClient()));
  }

  private static boolean closed(String run) throws IOException {
    return ((org.apache.hadoop.fs.LeaseRecoverable) hdfs)
        .isFileClosed(new org.apache.hadoop.fs.Path(run, "journal/segment-000000.jsonl"));
  }

  private static void assertLikeUnbroken(String run) throws IOException {
    Path copy = Files.createTempDirectory(folder, "copy-").resolve("run");
    hdfs.copyToLocalFile(
        false,
        new org.apache.hadoop.fs.Path(run),
        new org.apache.hadoop.fs.Path(copy.toUri()),
        true);
    for (String file : List.of("factors.json", "summary.json", "summary.txt", "run.json")) {
      assertThat(copy.resolve(file)).hasSameBinaryContentAs(unbroken.resolve(file));
    }
    assertThat(Runs.journalContents(copy)).isEqualTo(Runs.journalContents(unbroken));
  }

  /** A driver in its own JVM that halts after so many answers, its journal open. */
  private static void kill(String run, int answers) throws Exception {
    Path log = folder.resolve("killed-" + new Random().nextInt(Integer.MAX_VALUE) + ".log");
    Process driver =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                DyingDriver.class.getName(),
                run,
                world.model().toString(),
                world.data().toString(),
                Integer.toString(answers))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(driver.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(driver.exitValue()).as(Runs.text(log)).isEqualTo(DyingDriver.EXIT_CODE);
  }

  /** Arguments: run, model, data, answers before it dies. */
  public static final class DyingDriver {
    static final int EXIT_CODE = 99;

    public static void main(String[] arguments) {
      TinyWorld world = new TinyWorld(Path.of(arguments[1]), Path.of(arguments[2]));
      int answers = Integer.parseInt(arguments[3]);
      // No finally block and no shutdown hook runs: what is flushed is all there is.
      begin(
          arguments[0],
          settings(world),
          stoppingAfter(answers, () -> Runtime.getRuntime().halt(EXIT_CODE)));
    }
  }
}
