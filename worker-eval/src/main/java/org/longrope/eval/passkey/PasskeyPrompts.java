package org.longrope.eval.passkey;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * Writes the prompts of the passkey test in tokens: five lines, of which the second and fourth are
 * filler.
 *
 * <p>Wording and line breaks are those of Mohtashami and Jaggi (arXiv 2305.16300, run_test.py of
 * their landmark-attention), which LongRoPE's released evaluation/passkey.py repeats. Other than
 * there, a prompt has exactly the asked length: its parts are tokenised apart, each as it would be
 * after the part before it, and the filler's tokens are cut to fit. The filler begins anew after
 * the key, as it does there.
 *
 * <p>A trial's length counts everything: BOS, prompt, the answer's tokens and {@link #SPARE} more,
 * because a model may write the same digits in more tokens than its tokenizer.
 */
public final class PasskeyPrompts {
  /** Tokens that an answer may have beyond those of the key. */
  public static final int SPARE = 4;

  private static final String TASK =
      "There is an important info hidden inside a lot of irrelevant text. Find it and memorize"
          + " them. I will quiz you about the important information there.\n";
  private static final String FILLER =
      "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";
  private static final String QUESTION = "\nWhat is the pass key? The pass key is";

  private final DocumentTokenizer tokenizer;
  private final int[] opening;
  private final int[] filler;
  private final int[] moreFiller;
  private final int[] question;

  public PasskeyPrompts(DocumentTokenizer tokenizer) {
    this.tokenizer = tokenizer;
    int[] bos = tokenizer.bosTokenId().stream().toArray();
    opening = joined(bos, tokenizer.encode(TASK));
    filler = after(TASK, FILLER);
    moreFiller = after(FILLER, " " + FILLER);
    question = after(FILLER, QUESTION);
  }

  /** Tokens of the prompt with the key's after it: a trial's length less what is to spare. */
  public static int textLength(int length) {
    return length - SPARE;
  }

  /**
   * Checks without writing the prompt that it can be written for a model.
   *
   * @param vocabularySize of the model
   * @throws BadInputException if the length cannot hold the parts that are always there, or the
   *     tokenizer has ids that the model has not
   */
  public void require(PasskeyTrial trial, int vocabularySize) {
    fillerTokens(trial);
    int greatest =
        List.of(opening, filler, moreFiller, keyLine(trial), question, answer(trial)).stream()
            .flatMapToInt(Arrays::stream)
            .max()
            .orElseThrow();
    if (greatest >= vocabularySize) {
      throw BadInputException.of(
          "The tokenizer gives id %d to a part of the pass key's prompt, but the model has ids 0 to"
              + " %d: expected the model's own tokenizer.json beside it.",
          greatest, vocabularySize - 1);
    }
  }

  /**
   * The prompt of a trial.
   *
   * @throws BadInputException if the length cannot hold the parts that are always there
   */
  public PasskeyPrompt prompt(PasskeyTrial trial) {
    int room = fillerTokens(trial);
    int before = (int) Math.round(trial.depth() * room);
    int[] tokens = joined(opening, filler(before), keyLine(trial), filler(room - before), question);
    return new PasskeyPrompt(tokens, answer(trial));
  }

  /** What remains of the length for filler, 0 or more. */
  private int fillerTokens(PasskeyTrial trial) {
    int always =
        opening.length + keyLine(trial).length + question.length + answer(trial).length + SPARE;
    if (trial.length() < always) {
      throw BadInputException.of(
          "Cannot ask for a pass key in %d tokens: task, key, question and answer take %d with this"
              + " tokenizer; expected at least that length.",
          trial.length(), always);
    }
    return trial.length() - always;
  }

  private int[] filler(int length) {
    return IntStream.range(0, length)
        .map(
            t ->
                t < filler.length ? filler[t] : moreFiller[(t - filler.length) % moreFiller.length])
        .toArray();
  }

  private int[] keyLine(PasskeyTrial trial) {
    return after(
        FILLER,
        String.format("\nThe pass key is %1$d. Remember it. %1$d is the pass key.\n", trial.key()));
  }

  private int[] answer(PasskeyTrial trial) {
    return after(QUESTION, " " + trial.key());
  }

  /**
   * The tokens of a text that follows another. Tokenizers of the SentencePiece kind put a space
   * before whatever they are given first, which within a text is not there. Where the two texts
   * have a token in common, the second's tokens are those that it has alone.
   */
  private int[] after(String before, String text) {
    int[] first = tokenizer.encode(before);
    int[] both = tokenizer.encode(before + text);
    boolean apart =
        first.length < both.length && Arrays.equals(first, 0, first.length, both, 0, first.length);
    return apart ? Arrays.copyOfRange(both, first.length, both.length) : tokenizer.encode(text);
  }

  private static int[] joined(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }
}
