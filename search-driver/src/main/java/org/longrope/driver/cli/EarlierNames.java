package org.longrope.driver.cli;

import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Replacement of option names that earlier versions documented by the names of today. */
final class EarlierNames implements IParameterPreprocessor {
  private static final Map<String, String> NAMES =
      Map.of(
          "--problems", "--config",
          "--lengths", "--length",
          "--batch", "--batch-size",
          "--accumulation", "--gradient-accumulation-steps",
          "--max-gradient-norm", "--max-grad-norm",
          "--vocabulary-size", "--vocab-size");

  @Override
  @SuppressWarnings("JdkObsolete") // The parser's type.
  public boolean preprocess(
      Stack<String> words, CommandSpec command, @Nullable ArgSpec arg, Map<String, Object> info) {
    words.replaceAll(
        word -> {
          String name = word.split("=", 2)[0];
          return NAMES.getOrDefault(name, name) + word.substring(name.length());
        });
    return false;
  }
}
