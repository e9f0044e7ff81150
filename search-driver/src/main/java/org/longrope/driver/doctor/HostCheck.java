package org.longrope.driver.doctor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.execution.worker.HostReport;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.InstructionSet;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.libtorch.LoadedLibtorch;
import org.longrope.eval.libtorch.OpenMpEnvironment;

/** A check of the process that it runs in: versions, libtorch, devices, file systems. */
public final class HostCheck {
  private static final double GIB = 1L << 30;
  private static final int SIDE = 64;
  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  private final List<String> facts = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  private HostCheck() {}

  /**
   * Checks this process with all devices that libtorch finds.
   *
   * @param hadoop settings for the lookup of file systems
   */
  public static HostReport driver(Configuration hadoop) {
    HostCheck check = new HostCheck();
    check.java();
    check.fact("Spark", org.apache.spark.package$.MODULE$.SPARK_VERSION());
    check.host();
    check.libtorch(Libtorch::devices);
    check.fact("file systems", FileSystems.text(hadoop));
    return check.report("driver");
  }

  /**
   * Checks this executor.
   *
   * @param devices returns those of the calling task, or throws if one is missing
   */
  static HostReport executor(String id, Supplier<List<Device>> devices) {
    HostCheck check = new HostCheck();
    check.java();
    check.libtorch(devices);
    return check.report(id);
  }

  private HostReport report(String executor) {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unnamed host";
    }
    return new HostReport(executor, host, facts, problems);
  }

  private void fact(String label, String value) {
    facts.add(label + ": " + value);
  }

  private void java() {
    fact(
        "Java",
        String.format(
            Locale.ROOT,
            "%s (%s), heap up to %.1f GiB, %s",
            System.getProperty("java.version"),
            System.getProperty("java.vendor"),
            Runtime.getRuntime().maxMemory() / GIB,
            System.getProperty("java.home")));
  }

  private void host() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    fact(
        "host",
        String.format(
            Locale.ROOT,
            "%s on %s, %d cores, %.1f GiB of memory",
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.getRuntime().availableProcessors(),
            system.getTotalMemorySize() / GIB));
  }

  private void libtorch(Supplier<List<Device>> devices) {
    try {
      LoadedLibtorch libtorch = Libtorch.load();
      fact("libtorch", libtorch.library().text());
      fact("instruction set", InstructionSet.detect().toString());
      fact("threads", threads());
      problems.addAll(libtorch.warnings());
      libtorch
          .gpus()
          .forEach(
              gpu ->
                  fact(
                      "GPU",
                      String.format(
                          Locale.ROOT,
                          "%s, %.1f GiB free",
                          gpu.text(),
                          libtorch.memory(gpu.index()).free() / GIB)));
      List<Device> used = devices.get();
      fact("device", Libtorch.describe(used, THREADS));
      used.forEach(this::compute);
    } catch (BadInputException e) {
      problems.add(String.valueOf(e.getMessage()));
    } catch (RuntimeException | LinkageError e) {
      problems.add("libtorch does not work: " + firstLine(e) + ".");
    }
  }

  private static String threads() {
    String variables =
        OpenMpEnvironment.variables().entrySet().stream()
            .map(Map.Entry::toString)
            .collect(Collectors.joining(", "));
    return THREADS
        + " by default; "
        + (variables.isEmpty() ? "no variable of OpenMP or MKL is set" : variables);
  }

  /** Multiplies two matrices: a visible GPU may still be too old or broken. */
  private void compute(Device device) {
    try (PtNDManager manager = Libtorch.manager(device)) {
      NDArray ones = manager.ones(new Shape(SIDE, SIDE));
      float sum = ones.matMul(ones).sum().getFloat();
      if (sum != SIDE * SIDE * SIDE) {
        problems.add(
            device + " computes " + sum + ": expected " + SIDE * SIDE * SIDE + "; replace it.");
      }
    } catch (RuntimeException e) {
      problems.add(
          device
              + " does not compute ("
              + firstLine(e)
              + "): expected a GPU that CUDA 12 supports, and a driver for CUDA 12 or newer.");
    }
  }

  private static String firstLine(Throwable failure) {
    return Stream.of(String.valueOf(failure.getMessage()))
        .flatMap(String::lines)
        .findFirst()
        .orElse(failure.getClass().getSimpleName());
  }
}
