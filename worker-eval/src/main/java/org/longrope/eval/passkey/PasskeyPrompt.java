package org.longrope.eval.passkey;

import java.util.Arrays;

/**
 * A trial in tokens.
 *
 * @param tokens the prompt, BOS first where the tokenizer has one
 * @param answer the key, as it follows the prompt
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record PasskeyPrompt(int[] tokens, int[] answer) {
  /** The prompt followed by the answer. */
  public int[] withAnswer() {
    int[] text = Arrays.copyOf(tokens, tokens.length + answer.length);
    System.arraycopy(answer, 0, text, tokens.length, answer.length);
    return text;
  }
}
