package org.longrope.driver.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.inspect.InspectedModel;
import org.longrope.driver.store.files.FileLocation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Section("Begin")
@Command(
    name = "inspect",
    description = {
      "Shows a model: its layers, attention, RoPE, windows and memory.",
      "It reads config.json and the names and shapes of the weights, or config.json alone where"
          + " there are no weights. A model that is not supported is rejected with the reason."
    },
    footer = "bin/longrope inspect search-driver/demonstration")
final class InspectCommand implements Callable<Integer> {
  private static final String STANDARD_OUTPUT = "-";

  @Parameters(
      paramLabel = "MODEL",
      description = "Hugging Face checkpoint, or a directory with its config.json.")
  FileLocation model = FileLocation.parse("");

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write this as JSON to a file; - prints it in place of the table.")
  @Nullable FileLocation json;

  @Mixin HadoopOptions files = new HadoopOptions();

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    boolean printed = json != null && json.text().equals(STANDARD_OUTPUT);
    if (!printed) {
      OutputFile.requireWritable("--json", json, files.hadoop());
    }
    InspectedModel inspected = InspectedModel.open(model, files.hadoop());
    String text = inspected.toJson().toPrettyString() + "\n";
    if (printed) {
      System.out.print(text);
      return 0;
    }
    System.out.print(inspected.toTable().toText());
    inspected.spec().notes().forEach(note -> System.out.println("Note: " + note));
    if (inspected.note() != null) {
      System.out.println("By config.json alone: " + inspected.note());
    }
    if (json != null) {
      OutputFile.write(json, text, files.hadoop());
    }
    return 0;
  }
}
