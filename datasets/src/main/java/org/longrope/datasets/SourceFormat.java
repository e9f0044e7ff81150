package org.longrope.datasets;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.longrope.eval.BadInputException;

/** The kinds of input that can be prepared; {@link #word()} is what the command line calls them. */
public enum SourceFormat {
  /** Plain text files, one document each. */
  TEXT(".*", false),
  /** Zip or jar files, one document for each text entry. */
  ARCHIVE(".*\\.(zip|jar)", true),
  /** The layout of PG19: {@code <split>/<id>.txt} and metadata.csv. */
  PG19(".*\\.txt", false),
  /** JSON lines with a text field, plain, gzip, zstd, bzip2, xz or lz4. */
  JSONL(Names.JSON_LINES, true),
  /** Parquet with a text column. */
  PARQUET(Names.PARQUET, true),
  /** Parquet or JSON lines with token ids, tokenised elsewhere. */
  TOKENS(Names.JSON_LINES + "|" + Names.PARQUET, false);

  private final Pattern fileNames;
  private final boolean shareable;

  SourceFormat(String fileNames, boolean shareable) {
    this.fileNames = Pattern.compile(fileNames);
    this.shareable = shareable;
  }

  /**
   * Returns the format of a name on the command line.
   *
   * @throws BadInputException if no format is called so
   */
  public static SourceFormat parse(String word) {
    for (SourceFormat format : values()) {
      if (format.word().equals(word)) {
        return format;
      }
    }
    throw BadInputException.of(
        "There is no format \"%s\": expected one of %s.",
        word, Arrays.stream(values()).map(SourceFormat::word).collect(Collectors.joining(", ")));
  }

  /** Returns the lower-case name, as on the command line and in manifests. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns whether a file found in a directory is of this format; a file that the request names is
   * not checked.
   */
  boolean takes(String fileName) {
    return fileNames.matcher(fileName).matches();
  }

  /**
   * Returns whether several tasks may read one file, each a share of its documents. It pays where
   * they are many and still have to be tokenised.
   */
  boolean shareable() {
    return shareable;
  }

  /** File name patterns, in a class of their own because an enum's constants are created first. */
  private static final class Names {
    static final String COMPRESSED = "(gz|zst|bz2|xz|lz4)";
    static final String JSON_LINES =
        ".*\\.(jsonl|ndjson)(\\." + COMPRESSED + ")?|.*\\.json\\." + COMPRESSED;
    static final String PARQUET = ".*\\.parquet";
  }
}
