package org.longrope.datasets;

import java.io.Closeable;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** The documents of one file, pulled one at a time so that a file may be larger than memory. */
interface DocumentSource extends Closeable {
  /**
   * Returns the next row of this share, or null after the last.
   *
   * @throws org.longrope.eval.BadInputException if the file is not of its format
   */
  @Nullable SourceRow next() throws IOException;

  static DocumentSource open(InputFile file, ReadSettings settings, Configuration configuration)
      throws IOException {
    return switch (file.format()) {
      case TEXT, PG19 -> new TextSource(file, configuration);
      case ARCHIVE -> new ArchiveSource(file, configuration);
      case JSONL -> new JsonLinesSource(file, settings, configuration);
      case PARQUET -> new ParquetSource(file, settings, configuration);
      case TOKENS ->
          isParquet(file, configuration)
              ? new ParquetSource(file, settings, configuration)
              : new JsonLinesSource(file, settings, configuration);
    };
  }

  private static boolean isParquet(InputFile file, Configuration configuration) throws IOException {
    return file.location().endsWith(".parquet")
        || FileKind.of(file.path(), configuration) == FileKind.PARQUET;
  }
}
