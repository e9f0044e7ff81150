package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.FileLocation;
import picocli.CommandLine.Option;

/** Option of commands that also write their results as JSON. */
final class JsonOption {
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the results to this JSON file.")
  @Nullable FileLocation file;

  /** Checks before the work that the file can be written. */
  void requireWritable(Configuration hadoop) {
    OutputFile.requireWritable("--json", file, hadoop);
  }

  /** Writes the results where the option is given. */
  void write(ObjectNode results, Configuration hadoop) throws IOException {
    if (file != null) {
      OutputFile.write(file, results.toPrettyString() + "\n", hadoop);
    }
  }
}
