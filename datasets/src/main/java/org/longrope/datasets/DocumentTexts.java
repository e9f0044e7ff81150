package org.longrope.datasets;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** Texts of documents as {@link Preparation} reads them, one after the other in this process. */
public final class DocumentTexts {
  private DocumentTexts() {}

  /**
   * Passes on every document's text, in the order in which a partition would store them.
   *
   * @param inputs files, directories or globs on any Hadoop file system
   * @param format any but {@link SourceFormat#TOKENS}
   * @param split as in {@link PrepareRequest}
   * @throws BadInputException if an input cannot be read
   */
  public static void forEach(
      List<String> inputs,
      SourceFormat format,
      @Nullable String split,
      ReadSettings settings,
      Configuration hadoop,
      Consumer<String> texts) {
    if (format == SourceFormat.TOKENS) {
      throw new BadInputException("Format tokens has no text: expected another format.");
    }
    // The request only selects the files; nothing is tokenised or written.
    PrepareRequest request = new PrepareRequest(inputs, format, "", "", split, 0, null, 0);
    for (InputFile file : InputFiles.find(request, hadoop)) {
      try (DocumentSource source = DocumentSource.open(file, settings, hadoop)) {
        for (SourceRow row = source.next(); row != null; row = source.next()) {
          if (row instanceof SourceRow.Bad bad && !settings.skipBad()) {
            throw new BadInputException(bad.sentence());
          }
          if (row instanceof SourceDocument document && document.text() != null) {
            texts.accept(document.text());
          }
        }
      } catch (IOException e) {
        throw new BadInputException(
            String.format(
                "Cannot read %s (%s): the file is damaged, cut off or out of reach.",
                file.location(), TaskResult.reason(e)),
            e);
      }
    }
  }
}
