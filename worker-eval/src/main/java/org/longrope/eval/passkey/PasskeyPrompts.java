package org.longrope.eval.passkey;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * Prompts of the passkey test in tokens: five lines, of which the second and fourth are filler.
 *
 * <p>Wording and line breaks are those of Mohtashami and Jaggi (arXiv 2305.16300, run_test.py of
 * their landmark-attention), which LongRoPE's released evaluation/passkey.py repeats. A prompt of
 * that program has about the requested length; a prompt here has exactly that length: its parts are
 * tokenised one by one, each as after the part before it, and the filler's tokens are cut to fit.
 * The filler starts again after the key, as in that program. A document can replace the filler; it
 * continues after the key.
 *
 * <p>A trial's length counts everything: BOS, prompt, the answer's tokens and {@link #SPARE} more,
 * because a model may write the digits in more tokens than its tokenizer. In a document, where
 * nothing is generated, there are no spare tokens.
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
  private final OptionalInt bos;
  private final int[] opening;
  private final int[] filler;
  private final int[] moreFiller;
  private final int[] question;

  /**
   * Writes prompts by a tokenizer, which the caller closes.
   *
   * @param bos the id that each prompt begins with, if it begins with one
   */
  public PasskeyPrompts(DocumentTokenizer tokenizer, OptionalInt bos) {
    this.tokenizer = tokenizer;
    this.bos = bos;
    opening = joined(bos.stream().toArray(), tokenizer.encode(TASK));
    filler = after(TASK, FILLER);
    moreFiller = after(FILLER, " " + FILLER);
    question = after(FILLER, QUESTION);
  }

  /**
   * Returns the tokens of the prompt with the key's after it: a trial's length without the spare
   * ones.
   */
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
    require(trial.length(), SPARE, trial.key(), vocabularySize);
  }

  /**
   * Checks without writing the prompt that a key can be hidden in a document for a model.
   *
   * @param length tokens of the prompt with the key's after it
   * @param vocabularySize of the model
   * @throws BadInputException as for a trial
   */
  public void requireInDocument(int length, int key, int vocabularySize) {
    require(length, 0, key, vocabularySize);
  }

  private void require(int length, int spare, int key, int vocabularySize) {
    room(length, spare, key);
    int greatest =
        List.of(opening, filler, moreFiller, keyLine(key), question, answer(key)).stream()
            .flatMapToInt(Arrays::stream)
            .max()
            .orElseThrow();
    if (greatest >= vocabularySize) {
      throw BadInputException.of(
          "The tokenizer gives id %d to a part of the pass key's prompt, but the model has ids 0 to"
              + " %d: expected the model's own tokenizer.json in its directory.",
          greatest, vocabularySize - 1);
    }
  }

  /**
   * Writes the prompt of a trial.
   *
   * @throws BadInputException if the length cannot hold the parts that are always there
   */
  public PasskeyPrompt prompt(PasskeyTrial trial) {
    int room = room(trial.length(), SPARE, trial.key());
    int before = before(trial.depth(), room);
    return prompt(filler(before), trial.key(), filler(room - before));
  }

  /**
   * Writes the prompt of a key that is hidden in a document's first tokens.
   *
   * @param document ids; a BOS before them is left out, since the prompt begins with one
   * @param length tokens of the prompt with the key's after it
   * @param depth the part of the document's tokens that comes before the key, 0 … 1
   * @param key a number of five digits
   * @throws BadInputException if the length cannot hold the parts that are always there, or the
   *     document is too short for what remains
   */
  public PasskeyPrompt inDocument(int[] document, int length, double depth, int key) {
    int room = room(length, 0, key);
    boolean begun = bos.isPresent() && document.length > 0 && document[0] == bos.getAsInt();
    int begin = begun ? 1 : 0;
    if (document.length - begin < room) {
      throw BadInputException.of(
          "Cannot hide a pass key among %d tokens of a document that has %d: expected a longer"
              + " one.",
          room, document.length - begin);
    }
    int hidden = begin + before(depth, room);
    return prompt(
        Arrays.copyOfRange(document, begin, hidden),
        key,
        Arrays.copyOfRange(document, hidden, begin + room));
  }

  private PasskeyPrompt prompt(int[] before, int key, int[] after) {
    return new PasskeyPrompt(joined(opening, before, keyLine(key), after, question), answer(key));
  }

  private static int before(double depth, int room) {
    return (int) Math.round(depth * room);
  }

  /** Returns how many tokens of the length remain for filler or a document, 0 or more. */
  private int room(int length, int spare, int key) {
    int always =
        opening.length + keyLine(key).length + question.length + answer(key).length + spare;
    if (length < always) {
      throw BadInputException.of(
          "Cannot ask for a pass key in %d tokens: task, key, question and answer take %d with this"
              + " tokenizer; expected at least that length.",
          length, always);
    }
    return length - always;
  }

  private int[] filler(int length) {
    return IntStream.range(0, length)
        .map(
            t ->
                t < filler.length ? filler[t] : moreFiller[(t - filler.length) % moreFiller.length])
        .toArray();
  }

  private int[] keyLine(int key) {
    return after(
        FILLER, String.format("\nThe pass key is %1$d. Remember it. %1$d is the pass key.\n", key));
  }

  private int[] answer(int key) {
    return after(QUESTION, " " + key);
  }

  /**
   * Returns the tokens of a text that follows another. Tokenizers of the SentencePiece kind put a
   * space before the first text, which is not there within a text. Where a token covers the end of
   * the first text and the begin of the second, the second's tokens are those that it has alone.
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
