package org.longrope.eval.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Training of a byte-level byte-pair vocabulary (arXiv 1508.07909; bytes as in GPT-2). It begins
 * with the 256 bytes; the pair of neighbouring tokens that is most frequent within words becomes a
 * token, until there are enough. Ties go to the pair of lower ids, so that equal texts give equal
 * vocabularies.
 */
public final class BytePairTraining {
  /** Words of GPT-2, into which the ByteLevel pre-tokenizer of Hugging Face splits a text. */
  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private static final int BYTES = 256;

  /** A pair of token ids that became a token. */
  record Merge(int left, int right) {}

  /** A distinct word as its tokens so far, and how often it occurs. */
  private record Word(int[] tokens, long count) {}

  private static final Comparator<Map.Entry<Merge, Long>> MOST_FREQUENT =
      Map.Entry.<Merge, Long>comparingByValue()
          .thenComparing(
              Map.Entry.comparingByKey(
                  Comparator.comparingInt(Merge::left).thenComparingInt(Merge::right).reversed()));

  private final Map<String, Long> counts = new HashMap<>();

  /** Counts a text's words. */
  public void add(String text) {
    Matcher words = WORD.matcher(text);
    while (words.find()) {
      counts.merge(words.group(), 1L, Long::sum);
    }
  }

  /**
   * Returns the tokenizer.json of the texts counted so far: bytes have their own value as id, then
   * come the merges, then {@code <s>} (BOS), which begins every sequence.
   *
   * @param vocabularySize tokens in all, more than 256; 257 is the bytes alone
   */
  public String tokenizerJson(int vocabularySize) {
    if (!(vocabularySize > BYTES)) {
      throw new IllegalArgumentException(
          "Cannot make a vocabulary of " + vocabularySize + ": expected more than " + BYTES);
    }
    return ByteLevelTokenizerJson.of(merges(vocabularySize - BYTES - 1));
  }

  private List<Merge> merges(int number) {
    List<Word> words = new ArrayList<>();
    counts.forEach((word, count) -> words.add(new Word(bytes(word), count)));
    Map<Merge, Long> pairs = new HashMap<>();
    Map<Merge, Set<Integer>> holders = new HashMap<>();
    for (int w = 0; w < words.size(); w++) {
      count(words.get(w), w, 1, pairs, holders);
    }
    List<Merge> merges = new ArrayList<>();
    while (merges.size() < number && !pairs.isEmpty()) {
      Merge best = Collections.max(pairs.entrySet(), MOST_FREQUENT).getKey();
      int token = BYTES + merges.size();
      merges.add(best);
      // Only the words that hold the pair change, and with them the counts of their pairs.
      for (int w : List.copyOf(holders.getOrDefault(best, Set.of()))) {
        Word word = words.get(w);
        count(word, w, -1, pairs, holders);
        words.set(w, new Word(merged(word.tokens(), best, token), word.count()));
        count(words.get(w), w, 1, pairs, holders);
      }
    }
    return merges;
  }

  /** Adds a word's pairs to the counts (sign 1) or subtracts them (sign −1). */
  private static void count(
      Word word, int index, int sign, Map<Merge, Long> pairs, Map<Merge, Set<Integer>> holders) {
    for (int i = 1; i < word.tokens().length; i++) {
      Merge pair = new Merge(word.tokens()[i - 1], word.tokens()[i]);
      pairs.merge(pair, sign * word.count(), (x, y) -> x + y == 0 ? null : x + y);
      if (sign > 0) {
        holders.computeIfAbsent(pair, key -> new HashSet<>()).add(index);
      } else {
        holders.getOrDefault(pair, new HashSet<>()).remove(index);
      }
    }
  }

  private static int[] bytes(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      tokens[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return tokens;
  }

  /** Replaces every occurrence of the pair, from the left, by one token. */
  private static int[] merged(int[] tokens, Merge pair, int token) {
    int[] result = new int[tokens.length];
    int length = 0;
    for (int i = 0; i < tokens.length; i++) {
      boolean isPair =
          i + 1 < tokens.length && tokens[i] == pair.left() && tokens[i + 1] == pair.right();
      result[length++] = isPair ? token : tokens[i];
      if (isPair) {
        i++;
      }
    }
    return length == tokens.length ? tokens : java.util.Arrays.copyOf(result, length);
  }
}
