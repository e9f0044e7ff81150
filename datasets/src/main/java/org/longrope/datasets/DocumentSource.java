package org.longrope.datasets;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** The documents of one file, pulled one at a time so that a file may be larger than memory. */
interface DocumentSource extends Closeable {
  /**
   * The next document of this share, or null after the last.
   *
   * @throws org.longrope.eval.BadInputException if the file is not what its format says
   */
  @Nullable SourceDocument next() throws IOException;

  static DocumentSource open(InputFile file, Configuration configuration) throws IOException {
    return switch (file.format()) {
      case TEXT, PG19 -> new TextSource(file, configuration);
      case ARCHIVE -> new ArchiveSource(file, configuration);
      case JSONL -> new JsonLinesSource(file, configuration);
      case PARQUET -> new ParquetSource(file, configuration);
      case TOKENS ->
          isParquet(file, configuration)
              ? new ParquetSource(file, configuration)
              : new JsonLinesSource(file, configuration);
    };
  }

  private static boolean isParquet(InputFile file, Configuration configuration) throws IOException {
    if (file.location().endsWith(".parquet")) {
      return true;
    }
    try (InputStream stream = file.path().getFileSystem(configuration).open(file.path())) {
      return new String(stream.readNBytes(4), StandardCharsets.ISO_8859_1).equals("PAR1");
    }
  }
}
