package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.longrope.datasets.DocumentTexts;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.BytePairTraining;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Section("Prepare")
@Command(
    name = "tokenizer",
    description = "Learns a byte-level BPE tokenizer for a new model.",
    footer = {
      "bin/longrope tokenizer --input search-driver/target/demonstration --format archive \\",
      "    --output runs/tokenizer"
    })
final class TokenizerCommand implements Callable<Integer> {
  @Mixin InputOptions input = new InputOptions();

  @Option(names = "--vocab-size", paramLabel = "N", description = "Tokens in all, BOS included.")
  int vocabularySize = 2048;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of tokenizer.json.")
  FileLocation output = FileLocation.parse("");

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Configuration hadoop = files.hadoop();
    StoredFile file = output.resolve("tokenizer.json").on(hadoop);
    if (vocabularySize < 257) {
      throw BadInputException.of(
          "--vocab-size is %d: expected 257 or more, 256 bytes and BOS.", vocabularySize);
    }
    if (file.exists()) {
      throw BadInputException.of("%s exists: choose another --output.", file);
    }
    BytePairTraining training = new BytePairTraining();
    DocumentTexts.forEach(
        input.paths, input.sourceFormat(), input.split, input.reading(), hadoop, training::add);
    Progress.line("counted the words; learning merges ...");
    String json = training.tokenizerJson(vocabularySize);
    file.write(json.getBytes(StandardCharsets.UTF_8));
    System.out.println("Wrote " + file);
    return 0;
  }
}
