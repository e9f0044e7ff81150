package org.longrope.datasets;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The splits of a data set as its files are named: the layouts of the Hugging Face Hub (datasets,
 * data_files.py). A split is a folder or a part of a file's name, {@code train}, {@code dev-0} or
 * {@code books_test.jsonl}, or the text before {@code -00000-of-00005}.
 */
final class SplitNames {
  private static final String KEYWORDS =
      "train|training|validation|valid|val|dev|test|testing|eval|evaluation";
  private static final Pattern SHARD = Pattern.compile("(.+?)-\\d{5}-of-\\d{5}(\\..*)?");
  private static final Pattern WITHIN =
      Pattern.compile("(?:^|[-._ \\d])(" + KEYWORDS + ")(?:$|[-._ \\d])");

  /** Pattern for text files, whose names are titles, in which such a word means nothing. */
  private static final Pattern WHOLE = Pattern.compile("(" + KEYWORDS + ")(?:\\..*)?");

  private SplitNames() {}

  /**
   * Returns the split that a file belongs to, or null if its path names none.
   *
   * @param parts its folders and its name, below the input
   */
  static @Nullable String of(List<String> parts, SourceFormat format) {
    for (int i = parts.size() - 1; i >= 0; i--) {
      Matcher shard = SHARD.matcher(parts.get(i));
      if (shard.matches()) {
        return shard.group(1);
      }
      String part = parts.get(i).toLowerCase(Locale.ROOT);
      Matcher keyword = (format == SourceFormat.TEXT ? WHOLE : WITHIN).matcher(part);
      if (format == SourceFormat.TEXT ? keyword.matches() : keyword.find()) {
        return keyword.group(1);
      }
    }
    return null;
  }

  /**
   * Returns whether a folder or file name is of the split: begins with it, or has it as a word of
   * its own.
   */
  static boolean isOf(String part, String split) {
    return part.startsWith(split)
        || Pattern.compile("[-._ \\d]" + Pattern.quote(split) + "(?:$|[-._ \\d])")
            .matcher(part)
            .find();
  }
}
