package org.longrope.eval.passkey;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.generation.GreedyGeneration;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * Passkey test of a resident model. A result depends on model, trial and rescaling alone. Safe for
 * use by several threads.
 */
public final class Passkey {
  private final ResidentModel model;
  private final DocumentTokenizer tokenizer;
  private final PasskeyPrompts prompts;

  /**
   * Tests a model by a tokenizer, which the caller closes.
   *
   * @param tokenizer the model's
   * @param bos the id that each prompt begins with, if it begins with one
   */
  public Passkey(ResidentModel model, DocumentTokenizer tokenizer, OptionalInt bos) {
    this.model = model;
    this.tokenizer = tokenizer;
    prompts = new PasskeyPrompts(tokenizer, bos);
  }

  /**
   * Measures how likely the key's tokens are after the prompt (the needle form of LongRoPE2, arXiv
   * 2502.20082), in one forward pass that keeps one layer's keys and values at a time.
   *
   * @param stop asked between parts of each layer
   * @throws org.longrope.eval.BadInputException if the trial's length cannot hold the prompt
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  public PasskeyResult needle(PasskeyTrial trial, Rescaling rescaling, StopSignal stop) {
    PasskeyPrompt prompt = prompts.prompt(trial);
    float[] nll = model.nll(prompt.withAnswer(), prompt.tokens().length, rescaling, stop);
    return result(trial, null, nll);
  }

  /**
   * Generates an answer greedily, and measures the key's likelihood with the keys and values of
   * that pass.
   *
   * @param factors for the length that the text has with each token
   * @param stop asked between parts of each layer
   * @throws org.longrope.eval.BadInputException if the trial's length cannot hold the prompt, or
   *     keys and values of all layers do not fit
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  public PasskeyResult retrieve(PasskeyTrial trial, FactorTable factors, StopSignal stop) {
    PasskeyPrompt prompt = prompts.prompt(trial);
    int answerTokens = prompt.answer().length + PasskeyPrompts.SPARE;
    try (GreedyGeneration generation = new GreedyGeneration(model, factors, trial.length())) {
      int[] chosen = generation.continuation(prompt.tokens(), answerTokens, stop);
      float[] nll = generation.nll(prompt.withAnswer(), prompt.tokens().length, stop);
      return result(trial, tokenizer.decode(chosen), nll);
    }
  }

  private static PasskeyResult result(PasskeyTrial trial, @Nullable String answer, float[] nll) {
    double sum = 0;
    for (float value : nll) {
      sum += value;
    }
    return new PasskeyResult(trial, answer, sum, nll.length);
  }
}
