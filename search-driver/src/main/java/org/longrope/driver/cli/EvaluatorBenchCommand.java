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
import org.longrope.driver.lab.bench.BenchShape;
import org.longrope.driver.lab.bench.EvaluatorBench;
import org.longrope.driver.lab.bench.RandomCheckpoint;
import org.longrope.driver.store.Versions;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
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
      "random, in the shapes of --shapes: width x layers."
    },
    footer = "bin/longrope bench evaluator --length 2048")
final class EvaluatorBenchCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face checkpoint to measure instead of random weights.")
  @Nullable FileLocation model;

  @Option(
      names = "--shapes",
      split = ",",
      paramLabel = "NAME",
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      description =
          "Shapes of random weights: llama, qwen3, gemma2, mixtral, gpt-oss. Default: llama.")
  List<String> shapes = List.of();

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

  @Option(
      names = "--gradient",
      description = "Measure the gradient of each evaluation too: its time over the evaluation's.")
  boolean gradient;

  @Option(
      names = "--transformers",
      paramLabel = "PYTHON",
      description = "Compare with transformers in turn: a Python that has torch and transformers.")
  @Nullable String python;

  @Mixin JsonOption json = new JsonOption();

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

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
    if (model != null && !shapes.isEmpty()) {
      throw BadInputException.of(
          "--model has a shape of its own: expected --model or --shapes, not both.");
    }
    List<BenchShape> measured =
        (shapes.isEmpty() ? List.of("llama") : shapes).stream().map(BenchShape::of).toList();
    json.requireWritable(files.hadoop());
    Libtorch.useThreads(threads.get(0));
    DeviceLines.print(Collections.max(threads));
    Device device = Libtorch.device();
    try (EvaluatorBench bench = new EvaluatorBench(device, threads, busy, gradient, python)) {
      System.out.print(bench.header());
      if (model != null) {
        bench.measure(
            model.name(),
            ModelCache.ofHost().open(model.text(), null, files.hadoop()),
            lengths,
            System.out::print);
      } else {
        measureRandom(bench, measured, device);
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
      bench.compared().forEach(System.out::println);
      ObjectNode result = bench.report();
      result.put("device", device.toString());
      result.set("versions", Versions.toJson());
      json.write(result, files.hadoop());
    }
    return 0;
  }

  private void measureRandom(EvaluatorBench bench, List<BenchShape> shapes, Device device)
      throws IOException {
    DType type = device.isGpu() ? DType.BF16 : DType.F32;
    for (BenchShape shape : shapes) {
      for (BenchShape.Named named : shape.models(device.isGpu())) {
        Path directory = Files.createTempDirectory("longrope-bench");
        try {
          Checkpoint checkpoint = RandomCheckpoint.write(directory, named.config(), type);
          bench.measure(named.name(), checkpoint, lengths, System.out::print);
        } finally {
          FileUtil.fullyDelete(directory.toFile());
        }
      }
    }
  }
}
