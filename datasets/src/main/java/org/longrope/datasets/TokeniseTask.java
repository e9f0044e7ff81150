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

/** Reads files and tokenises their documents, one at a time; the first bad one ends the task. */
final class TokeniseTask
    implements FlatMapFunction<Iterator<InputFile>, Outcome<TokenisedDocument>> {
  private static final long serialVersionUID = 1L;

  private final Broadcast<SerializableConfiguration> configuration;
  private final @Nullable Broadcast<TokenizerFiles> tokenizer;

  TokeniseTask(
      Broadcast<SerializableConfiguration> configuration,
      @Nullable Broadcast<TokenizerFiles> tokenizer) {
    this.configuration = configuration;
    this.tokenizer = tokenizer;
  }

  @Override
  public Iterator<Outcome<TokenisedDocument>> call(Iterator<InputFile> files) {
    Documents documents = new Documents(files, configuration.value().value());
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> documents.end());
    return documents;
  }

  private final class Documents implements Iterator<Outcome<TokenisedDocument>> {
    private final Iterator<InputFile> files;
    private final Configuration hadoop;
    private @Nullable InputFile file;
    private @Nullable DocumentSource source;
    private @Nullable Outcome<TokenisedDocument> next;
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
    public Outcome<TokenisedDocument> next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      Outcome<TokenisedDocument> result = next;
      next = null;
      return result;
    }

    private @Nullable Outcome<TokenisedDocument> advance() {
      try {
        while (true) {
          if (source == null) {
            if (!files.hasNext()) {
              return null;
            }
            file = files.next();
            source = DocumentSource.open(file, hadoop);
          }
          SourceDocument document = source.next();
          if (document == null) {
            source.close();
            source = null;
            continue;
          }
          int[] tokens = tokens(document);
          if (tokens.length > 0 && file != null) {
            return Outcome.of(tokenised(file, document, tokens));
          }
        }
      } catch (BadInputException e) {
        return Outcome.failed(String.valueOf(e.getMessage()));
      } catch (IOException e) {
        String where = file == null ? "the input" : file.location();
        return Outcome.failed(
            String.format(
                "Cannot read %s (%s): the file is damaged, cut off or out of reach.",
                where, Outcome.reason(e)));
      }
    }

    private int[] tokens(SourceDocument document) {
      if (document.tokens() != null) {
        return document.tokens();
      }
      String text = document.text();
      return text == null || text.isEmpty() || tokenizer == null
          ? new int[0]
          : tokenizer.value().open().encode(text);
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

  private static TokenisedDocument tokenised(
      InputFile file, SourceDocument document, int[] tokens) {
    String id = document.id() == null ? file.label() + ":" + document.row() : document.id();
    String title = document.title() == null ? id : document.title();
    return new TokenisedDocument(file.index(), document.row(), id, title, tokens);
  }
}
