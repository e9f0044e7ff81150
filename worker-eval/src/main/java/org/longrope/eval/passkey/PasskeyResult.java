package org.longrope.eval.passkey;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Result of one trial.
 *
 * @param answer the text that it generated; null if only the key's likelihood was measured
 * @param keyNll Σ NLL of the key's tokens given the prompt, nats, summed in float64
 * @param keyTokens number of those tokens, 1 or more
 */
public record PasskeyResult(
    PasskeyTrial trial, @Nullable String answer, double keyNll, int keyTokens)
    implements Serializable {

  /** Returns whether the answer begins with the key, apart from white space before it. */
  public boolean retrieved() {
    return answer != null && answer.strip().startsWith(Integer.toString(trial.key()));
  }
}
