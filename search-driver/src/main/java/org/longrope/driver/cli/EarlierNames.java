package org.longrope.driver.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.run.settings.SearchSchema;
import org.longrope.search.settings.Setting;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Replacement of option names that earlier versions documented by the names of today. */
final class EarlierNames implements IParameterPreprocessor {
  private static final Map<String, String> NAMES = names();

  private static Map<String, String> names() {
    Map<String, String> names = new HashMap<>();
    names.put("--problems", "--config");
    names.put("--lengths", "--length");
    names.put("--batch", "--batch-size");
    names.put("--accumulation", "--gradient-accumulation-steps");
    names.put("--max-gradient-norm", "--max-grad-norm");
    names.put("--vocabulary-size", "--vocab-size");
    for (Setting<?> setting : SearchSchema.settings()) {
      setting.earlierKeys().forEach(key -> names.put("--" + key, "--" + setting.key()));
    }
    return names;
  }

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
