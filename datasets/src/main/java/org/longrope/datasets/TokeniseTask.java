package org.longrope.datasets;

import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * Task that reads files and tokenises their documents, one at a time. The first bad one ends the
 * task, unless bad rows are to be skipped.
 */
final class TokeniseTask
    implements FlatMapFunction<Iterator<InputFile>, TaskResult<TokenisedDocument>> {
  private static final long serialVersionUID = 2L;

  private final Broadcast<SerializableConfiguration> configuration;
  private final ReadSettings settings;
  private final @Nullable Broadcast<TokenizerFiles> tokenizer;

  TokeniseTask(
      Broadcast<SerializableConfiguration> configuration,
      ReadSettings settings,
      @Nullable Broadcast<TokenizerFiles> tokenizer) {
    this.configuration = configuration;
    this.settings = settings;
    this.tokenizer = tokenizer;
  }

  @Override
  public Iterator<TaskResult<TokenisedDocument>> call(Iterator<InputFile> files) {
    Documents documents = new Documents(files, configuration.value().value());
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> documents.end());
    return documents;
  }

  private final class Documents implements Iterator<TaskResult<TokenisedDocument>> {
    private final Iterator<InputFile> files;
    private final Configuration hadoop;
    private @Nullable InputFile file;
    private @Nullable DocumentSource source;
    private @Nullable TaskResult<TokenisedDocument> next;
    private boolean ended;

    Documents(Iterator<InputFile> files, Configuration hadoop) {
      this.files = files;
      this.hadoop = hadoop;
    }

    @Override
    public boolean hasNext() {
      if (next == null && !ended) {
        next = advance();
        if (next == null || next.failure() != null) {
          end();
        }
      }
      return next != null;
    }

    @Override
    public TaskResult<TokenisedDocument> next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      TaskResult<TokenisedDocument> result = next;
      next = null;
      return result;
    }

    private @Nullable TaskResult<TokenisedDocument> advance() {
      try {
        while (true) {
          if (source == null || file == null) {
            if (!files.hasNext()) {
              return null;
            }
            file = files.next();
            source = DocumentSource.open(file, settings, hadoop);
          }
          SourceRow row = source.next();
          if (row != null) {
            return outcome(file, row);
          }
          source.close();
          source = null;
        }
      } catch (BadInputException e) {
        return TaskResult.failed(String.valueOf(e.getMessage()));
      } catch (IOException e) {
        String where = file == null ? "the input" : file.location();
        return TaskResult.failed(
            String.format(
                "Cannot read %s (%s): the file is damaged, cut off or out of reach.",
                where, TaskResult.reason(e)));
      }
    }

    void end() {
      ended = true;
      if (source != null) {
        try {
          source.close();
        } catch (IOException e) {
          // Nothing was written to it, and what was read is already judged.
        }
        source = null;
      }
    }
  }

  private TaskResult<TokenisedDocument> outcome(InputFile file, SourceRow row) {
    if (row instanceof SourceRow.Bad bad) {
      return settings.skipBad()
          ? TaskResult.of(TokenisedDocument.skipped(file, bad))
          : TaskResult.failed(bad.sentence());
    }
    SourceDocument document = (SourceDocument) row;
    return TaskResult.of(TokenisedDocument.of(file, document, tokens(file, document)));
  }

  private int[] tokens(InputFile file, SourceDocument document) {
    if (document.tokens() != null) {
      if (tokenizer != null) {
        requireVocabulary(file, document, document.tokens(), tokenizer.value());
      }
      return document.tokens();
    }
    String text = document.text();
    return text == null || text.isEmpty() || tokenizer == null
        ? new int[0]
        : tokenizer.value().open().encode(text);
  }

  /**
   * Rejects an id outside of the vocabulary. One such id shows another tokenizer, so that no row of
   * the input can be trusted.
   */
  private static void requireVocabulary(
      InputFile file, SourceDocument document, int[] tokens, TokenizerFiles tokenizer) {
    int vocabulary = tokenizer.open().vocabularySize();
    for (int id : tokens) {
      if (id >= vocabulary) {
        throw BadInputException.of(
            "Document %s, row %d of %s, has id %d: expected 0 to %d, the vocabulary of the"
                + " tokenizer in %s; name the tokenizer that made the ids, or none.",
            document.idIn(file),
            document.row(),
            file.location(),
            id,
            vocabulary - 1,
            tokenizer.directory());
      }
    }
  }
}
