package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.decoder.DecoderProgram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "archive",
    description = "Writes a model's decoder as TorchScript, to measure it elsewhere.",
    footer = "bin/longrope bench archive --model models/my-model --output runs/decoder.pt")
final class ArchiveCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face checkpoint whose decoder it is.")
  FileLocation model = FileLocation.parse("");

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "File to write, such as decoder.pt.")
  FileLocation output = FileLocation.parse("");

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    OutputFile.requireWritable("--output", output, files.hadoop());
    Path archive = Files.createTempFile("longrope-decoder-", ".pt");
    try {
      DecoderProgram.writeArchive(
          archive, ModelCache.ofHost().open(model.text(), null, files.hadoop()).config());
      output.on(files.hadoop()).copyFrom(archive);
    } finally {
      Files.deleteIfExists(archive);
    }
    System.out.println("Wrote " + output);
    return 0;
  }
}
