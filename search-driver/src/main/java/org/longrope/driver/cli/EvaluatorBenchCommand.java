package org.longrope.driver.cli;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.FileUtil;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.lab.bench.EvaluatorBench;
import org.longrope.driver.lab.bench.RandomCheckpoint;
import org.longrope.driver.store.Versions;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.decoder.Libtorch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "evaluator",
    description = {
      "Measures speed and memory of evaluations.",
      "Speed is a fraction of the matrix product of this process. Without --model the weights are",
      "random: 1024 x 12 and 288 x 6 (width x layers), on a GPU 4096 x 32."
    },
    footer = "bin/longrope bench evaluator --length 2048")
final class EvaluatorBenchCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face checkpoint to measure instead of random weights.")
  @Nullable FileLocation model;

  @Option(names = "--length", split = ",", paramLabel = "N", description = "Tokens of a window.")
  List<Integer> lengths = List.of(2048, 8192, 32_768);

  @Section(Section.EXECUTION)
  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      description = "Threads of one evaluation. Default: all cores.")
  List<Integer> threads = List.of(Runtime.getRuntime().availableProcessors());

  @Option(
      names = "--busy",
      paramLabel = "N",
      description = "Measure again while N other processes each keep a core busy.")
  int busy;

  @Mixin JsonOption json = new JsonOption();

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  private record Shape(String name, ModelConfig config) {}

  private static final List<Shape> CPU_SHAPES =
      List.of(
          new Shape("1024x12", RandomCheckpoint.shape(1024, 2816, 12, 16, false)),
          new Shape("288x6", RandomCheckpoint.shape(288, 768, 6, 6, true)));
  private static final List<Shape> GPU_SHAPES =
      List.of(new Shape("4096x32", RandomCheckpoint.shape(4096, 11_008, 32, 32, false)));

  @Override
  public Integer call() throws IOException {
    for (int length : lengths) {
      if (!(length >= 2)) {
        throw BadInputException.of("--length is %d: expected 2 or more.", length);
      }
    }
    for (int count : threads) {
      if (!(count >= 1)) {
        throw BadInputException.of("--threads is %d: expected 1 or more.", count);
      }
    }
    if (!(busy >= 0)) {
      throw BadInputException.of("--busy is %d: expected 0 or more.", busy);
    }
    json.requireWritable(files.hadoop());
    Libtorch.useThreads(threads.get(0));
    DeviceLines.print(Collections.max(threads));
    Device device = Libtorch.device();
    try (EvaluatorBench bench = new EvaluatorBench(device, threads, busy)) {
      System.out.print(bench.header());
      if (model != null) {
        bench.measure(
            model.name(),
            ModelCache.ofHost().open(model.text(), null, files.hadoop()),
            lengths,
            System.out::print);
      } else {
        measureRandom(bench, device.isGpu() ? GPU_SHAPES : CPU_SHAPES, device);
      }
      bench
          .matmulGflops()
          .forEach(
              (count, rate) ->
                  System.out.printf(
                      Locale.ROOT,
                      "matrix product: %,.1f GFLOP/s on %s, threads: %d%n",
                      rate,
                      device,
                      count));
      ObjectNode result = bench.report();
      result.put("device", device.toString());
      result.set("versions", Versions.toJson());
      json.write(result, files.hadoop());
    }
    return 0;
  }

  private void measureRandom(EvaluatorBench bench, List<Shape> shapes, Device device)
      throws IOException {
    DType type = device.isGpu() ? DType.BF16 : DType.F32;
    for (Shape shape : shapes) {
      Path directory = Files.createTempDirectory("longrope-bench");
      try {
        Checkpoint checkpoint = RandomCheckpoint.write(directory, shape.config(), type);
        bench.measure(shape.name(), checkpoint, lengths, System.out::print);
      } finally {
        FileUtil.fullyDelete(directory.toFile());
      }
    }
  }
}
