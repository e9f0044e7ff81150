package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.recipe.RecipeReader;
import org.longrope.driver.recipe.Step;
import org.longrope.driver.store.files.StoredFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class RecipeStepsTest {
  @TempDir Path directory;

  @Command
  private static final class Program {}

  /** Ends with the exit code that it is given. */
  @Command(name = "prepare")
  private static final class Prepare implements Callable<Integer> {
    @Option(names = "--input")
    int exitCode;

    @Override
    public Integer call() {
      return exitCode;
    }
  }

  private static CommandLine program() {
    return new CommandLine(new Program()).addSubcommand(new Prepare());
  }

  private Step step() throws Exception {
    Path recipe = directory.resolve("chain.conf");
    Files.writeString(recipe, "steps { books { command = prepare, input = books } }");
    return RecipeReader.read(StoredFile.of(recipe), Map.of(), Map.of()).steps().get(0);
  }

  @Test
  void run_commandThatFails_failsTheStep() throws Exception {
    RecipeSteps steps = new RecipeSteps(new SparkOptions(), RecipeStepsTest::program);
    assertThatCode(() -> steps.run(step(), List.of("--input=0"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> steps.run(step(), List.of("--input=1")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Step books failed: 'longrope prepare' ended with exit code 1; its own message says"
                + " why");
  }
}
