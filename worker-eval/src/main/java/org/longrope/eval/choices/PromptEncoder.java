package org.longrope.eval.choices;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * Encoder of a context and its continuations into tokens as in EleutherAI's lm-evaluation-harness
 * ({@code _encode_pair} in lm_eval/base.py, v0.3): white space at the context's end moves to the
 * continuation, both are tokenised together, and the continuation is what lies beyond as many
 * tokens as the context has alone. Safe for use by several threads.
 */
public final class PromptEncoder {
  private final DocumentTokenizer tokenizer;
  private final int[] start;

  /**
   * Encodes by a tokenizer, which the caller closes.
   *
   * @param bos the id that each context begins with, if it begins with one
   */
  public PromptEncoder(DocumentTokenizer tokenizer, OptionalInt bos) {
    this.tokenizer = tokenizer;
    start = bos.stream().toArray();
  }

  /**
   * Returns the tokens of one question.
   *
   * @param id of the question, for messages
   * @param continuations with the space that separates them from the context
   * @throws BadInputException if the context or a continuation has no token of its own
   */
  public Choices encode(String id, String context, List<String> continuations) {
    String stripped = PythonText.stripRight(context);
    String moved = context.substring(stripped.length());
    int[] contextTokens = tokenizer.encode(stripped);
    if (contextTokens.length == 0) {
      throw BadInputException.of(
          "Question %s is empty: expected text before the choices; correct its file.", id);
    }
    int[][] ends = new int[continuations.size()][];
    for (int c = 0; c < ends.length; c++) {
      int[] whole = tokenizer.encode(stripped + moved + continuations.get(c));
      if (whole.length <= contextTokens.length) {
        throw BadInputException.of(
            "Choice %d of question %s, '%s', has no token of its own: expected text; correct its"
                + " file.",
            c + 1, id, continuations.get(c));
      }
      ends[c] = Arrays.copyOfRange(whole, contextTokens.length, whole.length);
    }
    int[] all = Arrays.copyOf(start, start.length + contextTokens.length);
    System.arraycopy(contextTokens, 0, all, start.length, contextTokens.length);
    return new Choices(id, all, ends);
  }
}
