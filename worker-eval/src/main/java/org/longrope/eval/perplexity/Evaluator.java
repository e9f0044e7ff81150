package org.longrope.eval.perplexity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.SequenceGradient;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.passkey.PasskeyPrompt;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.rope.Rescaling;

/** Scores of documents by a resident model. Safe for use by several threads. */
public final class Evaluator {
  private final ResidentModel model;
  private final @Nullable PasskeyPrompts prompts;

  /**
   * Evaluates with a model alone, which is enough for every protocol but {@link Protocol.Needle}.
   */
  public Evaluator(ResidentModel model) {
    this(model, null);
  }

  /**
   * Evaluates with a model and the prompts of its tokenizer.
   *
   * @param prompts of {@link Protocol.Needle}, by the model's tokenizer; null without needles
   */
  public Evaluator(ResidentModel model, @Nullable PasskeyPrompts prompts) {
    this.model = model;
    this.prompts = prompts;
  }

  /** Scores one document without a way to stop it. */
  public DocumentScore score(
      String documentId, int[] sequence, Protocol protocol, Rescaling rescaling) {
    return score(documentId, sequence, protocol, rescaling, StopSignal.NEVER);
  }

  /**
   * Scores one document.
   *
   * @param sequence token ids, BOS first where the tokenizer has one
   * @param stop asked between parts of each layer
   * @throws BadInputException if an id is not in the vocabulary, there is nothing to score, or the
   *     document is too short for a key
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  public DocumentScore score(
      String documentId, int[] sequence, Protocol protocol, Rescaling rescaling, StopSignal stop) {
    long start = System.nanoTime();
    double nll = 0;
    int scored = 0;
    for (Window window : windows(documentId, sequence, protocol)) {
      StopSignal part = stop.part(window.begin(), window.end());
      float[] values = model.nll(window.tokens(), window.from(), rescaling, part);
      nll += sum(values);
      scored += values.length;
    }
    return new DocumentScore(documentId, nll, scored, seconds(start));
  }

  /**
   * Scores one document and differentiates Σ NLL by the rescaling.
   *
   * @param sequence token ids, BOS first where the tokenizer has one
   * @param stop asked between parts of each layer
   * @return the score with a gradient, summed over the protocol's windows; its seconds are those of
   *     the gradient
   * @throws BadInputException if an id is not in the vocabulary, there is nothing to score, or the
   *     document is too short for a key
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  public DocumentScore gradient(
      String documentId, int[] sequence, Protocol protocol, Rescaling rescaling, StopSignal stop) {
    long start = System.nanoTime();
    double nll = 0;
    int scored = 0;
    double[] byLogFactors = new double[model.config().rope().pairs()];
    double byLogAttention = 0;
    double[] byScales = new double[rescaling.queryScales().size()];
    for (Window window : windows(documentId, sequence, protocol)) {
      StopSignal part = stop.part(window.begin(), window.end());
      SequenceGradient gradient = model.gradient(window.tokens(), window.from(), rescaling, part);
      nll += sum(gradient.nll());
      scored += gradient.nll().length;
      for (int i = 0; i < byLogFactors.length; i++) {
        byLogFactors[i] += gradient.byLogFactors()[i];
      }
      byLogAttention += gradient.byLogAttention();
      for (int i = 0; i < byScales.length; i++) {
        byScales[i] += gradient.byQueryScales()[i];
      }
    }
    NllGradient gradient =
        new NllGradient(
            Arrays.stream(byLogFactors).boxed().toList(),
            byLogAttention,
            Arrays.stream(byScales).mapToObj(slope -> (float) slope).toList());
    return new DocumentScore(documentId, nll, scored, seconds(start), gradient);
  }

  /**
   * Scores a document's first tokens at several lengths, each by the truncated protocol, in one
   * forward pass over the longest.
   *
   * @param lengths ascending, in tokens; one beyond the document's end scores the whole of it
   * @param stop asked between parts of each layer
   * @return one score a length, all with the seconds of the one pass
   * @throws BadInputException if an id is not in the vocabulary or there is nothing to score
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  public List<DocumentScore> scorePrefixes(
      String documentId,
      int[] sequence,
      List<Integer> lengths,
      Rescaling rescaling,
      StopSignal stop) {
    check(documentId, sequence);
    long start = System.nanoTime();
    int longest = Math.min(sequence.length, lengths.get(lengths.size() - 1));
    float[] nll = model.nll(Arrays.copyOf(sequence, longest), 1, rescaling, stop);
    double seconds = seconds(start);
    List<DocumentScore> scores = new ArrayList<>();
    double sum = 0;
    int scored = 0;
    for (int length : lengths) {
      for (; scored < Math.min(length, longest) - 1; scored++) {
        sum += nll[scored];
      }
      scores.add(new DocumentScore(documentId, sum, scored, seconds));
    }
    return scores;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  /**
   * Tokens that one forward pass reads.
   *
   * @param from the first of them to score
   * @param begin share of the document's tokens that is scored before
   * @param end share that is scored after it
   */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  private record Window(int[] tokens, int from, double begin, double end) {
    /** Makes the only window of a document. */
    Window(int[] tokens, int from) {
      this(tokens, from, 0, 1);
    }
  }

  /** Checks the document, and cuts it as the protocol says. */
  private List<Window> windows(String documentId, int[] sequence, Protocol protocol) {
    check(documentId, sequence);
    if (protocol instanceof Protocol.Sliding sliding) {
      return slide(sequence, sliding);
    } else if (protocol instanceof Protocol.Chunked chunked) {
      return chunks(sequence, chunked);
    } else if (protocol instanceof Protocol.Needle needle) {
      PasskeyPrompt prompt = prompt(sequence, needle);
      return List.of(new Window(prompt.withAnswer(), prompt.tokens().length));
    }
    int from = 1;
    if (protocol instanceof Protocol.Tail tail) {
      from = tail.from();
      if (sequence.length <= from) {
        throw BadInputException.of(
            "Document %s has %d tokens: expected more than %d, from where they are scored.",
            documentId, sequence.length, from);
      }
    }
    int length = Math.min(sequence.length, protocol.length());
    return List.of(new Window(Arrays.copyOf(sequence, length), from));
  }

  private static List<Window> chunks(int[] sequence, Protocol.Chunked protocol) {
    List<Window> windows = new ArrayList<>();
    int all = Math.min(sequence.length, protocol.tokens());
    // One token alone has none before it.
    for (int begin = 0; begin < all - 1; begin += protocol.length()) {
      int end = Math.min(all, begin + protocol.length());
      windows.add(
          new Window(
              Arrays.copyOfRange(sequence, begin, end),
              1,
              (double) begin / all,
              (double) end / all));
    }
    return windows;
  }

  private static List<Window> slide(int[] sequence, Protocol.Sliding protocol) {
    List<Window> windows = new ArrayList<>();
    int scoredTo = 1;
    for (int begin = 0; scoredTo < sequence.length; begin += protocol.stride()) {
      int end = Math.min(sequence.length, begin + protocol.length());
      windows.add(
          new Window(
              Arrays.copyOfRange(sequence, begin, end),
              scoredTo - begin,
              (double) scoredTo / sequence.length,
              (double) end / sequence.length));
      scoredTo = end;
    }
    return windows;
  }

  private PasskeyPrompt prompt(int[] sequence, Protocol.Needle needle) {
    if (prompts == null) {
      throw new IllegalStateException("Cannot hide a key without the model's tokenizer");
    }
    return prompts.inDocument(sequence, needle.length(), needle.depth(), needle.key());
  }

  private void check(String documentId, int[] sequence) {
    if (sequence.length < 2) {
      throw BadInputException.of(
          "Document %s has %d tokens: expected 2 or more, because the first token has none before"
              + " it.",
          documentId, sequence.length);
    }
    int vocabulary = model.config().vocabularySize();
    for (int t = 0; t < sequence.length; t++) {
      if (sequence[t] < 0 || sequence[t] >= vocabulary) {
        throw BadInputException.of(
            "Token %d of document %s has id %d: expected 0 to %d, the model's vocabulary; tokenise"
                + " with this model's tokenizer.",
            t, documentId, sequence[t], vocabulary - 1);
      }
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }
}
