package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.longrope.datasets.DocumentTexts;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.BytePairTraining;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "tokenizer",
    description = "Learns a byte-level BPE tokenizer for a model that is trained from scratch.")
final class TokenizerCommand implements Callable<Integer> {
  @Mixin InputOptions input = new InputOptions();

  @Option(
      names = "--vocabulary-size",
      paramLabel = "N",
      description = "Tokens in all, BOS included; default ${DEFAULT-VALUE}.")
  int vocabularySize = 2048;

  @Option(names = "--output", required = true, paramLabel = "DIR", description = "Directory.")
  Path output = Path.of("");

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Path file = output.resolve("tokenizer.json");
    if (vocabularySize < 257) {
      throw BadInputException.of(
          "--vocabulary-size is %d: expected 257 or more, 256 bytes and BOS.", vocabularySize);
    }
    if (Files.exists(file)) {
      throw BadInputException.of("%s exists: choose another --output.", file);
    }
    BytePairTraining training = new BytePairTraining();
    DocumentTexts.forEach(input.paths, input.sourceFormat(), new Configuration(), training::add);
    Progress.line("counted the words; learning merges ...");
    String json = training.tokenizerJson(vocabularySize);
    Files.createDirectories(output);
    Files.writeString(file, json);
    System.out.println("Wrote " + file);
    return 0;
  }
}
