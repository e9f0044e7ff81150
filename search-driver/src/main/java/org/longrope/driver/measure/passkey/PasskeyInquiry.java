package org.longrope.driver.measure.passkey;

import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.Inquiry;
import org.longrope.driver.execution.worker.LoadedModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.passkey.Passkey;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.rope.FactorTable;

/**
 * Answers a trial with the model that is there.
 *
 * @param needle whether only the key's likelihood is measured, without generating an answer
 * @param factors by a trial's length: the rescalings that its text goes through
 * @param tokenizerHash that the model's tokenizer must have
 * @param bosTokenId that each prompt begins with; null for none
 */
public record PasskeyInquiry(
    boolean needle,
    Map<Integer, FactorTable> factors,
    String tokenizerHash,
    @Nullable Integer bosTokenId)
    implements Inquiry<PasskeyTrial, PasskeyResult> {
  public PasskeyInquiry {
    factors = Map.copyOf(factors);
  }

  @Override
  public PasskeyResult answer(PasskeyTrial trial, LoadedModel model, StopSignal stop) {
    Passkey passkey = new Passkey(model.model(), model.tokenizer(tokenizerHash), bos());
    FactorTable table = table(trial.length());
    return needle
        ? passkey.needle(trial, table.at(PasskeyPrompts.textLength(trial.length())), stop)
        : passkey.retrieve(trial, table, stop);
  }

  private OptionalInt bos() {
    return bosTokenId == null ? OptionalInt.empty() : OptionalInt.of(bosTokenId);
  }

  private FactorTable table(int length) {
    FactorTable table = factors.get(length);
    if (table == null) {
      throw new IllegalArgumentException("No factors for trials of " + length + " tokens");
    }
    return table;
  }
}
