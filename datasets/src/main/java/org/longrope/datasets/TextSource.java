package org.longrope.datasets;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** A text file as one document, its text kept as it is. */
final class TextSource implements DocumentSource {
  private final InputFile file;
  private final InputStream stream;
  private boolean read;

  TextSource(InputFile file, Configuration configuration) throws IOException {
    this.file = file;
    stream = InputStreams.open(file.path(), configuration);
  }

  @Override
  public @Nullable SourceRow next() throws IOException {
    if (read) {
      return null;
    }
    read = true;
    String text = InputStreams.text(stream.readAllBytes());
    if (text == null) {
      return new SourceRow.Bad(
          0,
          file.location()
              + " is not text: expected UTF-8 without NUL; convert it or leave it out.");
    }
    return new SourceDocument(0, file.label(), file.title(), text, null);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
