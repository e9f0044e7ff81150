package org.longrope.eval.passkey;

import java.util.Arrays;

/**
 * Trial in tokens.
 *
 * @param tokens the prompt, BOS first where the tokenizer has one
 * @param answer the key, as it follows the prompt
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record PasskeyPrompt(int[] tokens, int[] answer) {
  /** Returns the prompt followed by the answer. */
  public int[] withAnswer() {
    int[] text = Arrays.copyOf(tokens, tokens.length + answer.length);
    System.arraycopy(answer, 0, text, tokens.length, answer.length);
    return text;
  }
}
