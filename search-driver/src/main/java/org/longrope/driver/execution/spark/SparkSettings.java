package org.longrope.driver.execution.spark;

import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import scala.Tuple2;

/**
 * The Spark master and properties of a command. The command line has precedence over spark-submit;
 * without either, Spark runs on all cores of this machine.
 *
 * @param master a Spark master URL; null for that of spark-submit or this machine
 * @param settings Spark properties by name
 */
public record SparkSettings(@Nullable String master, Map<String, String> settings) {
  private static final String HADOOP = "spark.hadoop.";
  private static final String EVERY_CORE = "local[*]";

  /** Package of the classes that configuration files of earlier versions name. */
  private static final String EARLIER_PACKAGE = "org.longrope.driver.spark.";

  public SparkSettings {
    settings = new TreeMap<>(settings);
  }

  /** Returns the given master, else that of spark-submit, else all cores of this machine. */
  public String effectiveMaster() {
    return master != null ? master : new SparkConf().get("spark.master", EVERY_CORE);
  }

  /** Returns whether Spark runs in this process. */
  public boolean isLocal() {
    return effectiveMaster().startsWith("local");
  }

  /**
   * Builds the Hadoop settings for use without Spark or before it starts: the defaults, overridden
   * by spark.hadoop.… of spark-submit and of this object.
   */
  public Configuration hadoop() {
    SparkConf conf = new SparkConf();
    settings.forEach(conf::set);
    Configuration hadoop = new Configuration();
    for (Tuple2<String, String> setting : conf.getAllWithPrefix(HADOOP)) {
      hadoop.set(setting._1(), setting._2());
    }
    return hadoop;
  }

  /**
   * Starts Spark under the given application name.
   *
   * @throws BadInputException if spark.authenticate.secret.file names no readable secret
   */
  public JavaSparkContext start(String name) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.app.name", name);
    conf.setIfMissing("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    conf.setIfMissing("spark.kryo.registrator", WireRegistrator.class.getName());
    conf.setIfMissing("spark.kryo.registrationRequired", "true");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    conf.setIfMissing("spark.plugins", WorkerPlugin.class.getName());
    settings.forEach(conf::set);
    renameClasses(conf, "spark.kryo.registrator", WireRegistrator.class);
    renameClasses(conf, "spark.plugins", WorkerPlugin.class);
    if (master != null) {
      conf.setMaster(master);
    }
    conf.setIfMissing("spark.master", EVERY_CORE);
    boolean local = conf.get("spark.master").startsWith("local");
    if (local) {
      conf.setIfMissing("spark.ui.enabled", "false");
      // Spark gives up an executor that was silent for two minutes, even one in this process: a run
      // would not survive that its machine sleeps or its process is suspended.
      conf.setIfMissing("spark.storage.blockManagerHeartbeatTimeoutMs", "365d");
    } else {
      // DJL's files are on the class path; executors must not look for them on the network.
      conf.setIfMissing("spark.executor.defaultJavaOptions", "-Dai.djl.offline=true");
      ClusterDefaults.set(conf);
    }
    if (local || ApplicationClasses.isLoopback(conf.get("spark.master"))) {
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    }
    ApplicationSecret.resolve(conf, System.getenv(ApplicationSecret.ENVIRONMENT));
    ApplicationClasses.send(conf, System.getProperty("java.class.path"));
    return new JavaSparkContext(conf);
  }

  /** Replaces the name that a class had in earlier versions, in a property that lists classes. */
  private static void renameClasses(SparkConf conf, String property, Class<?> type) {
    String earlier = EARLIER_PACKAGE + type.getSimpleName();
    conf.set(property, conf.get(property).replace(earlier, type.getName()));
  }
}
