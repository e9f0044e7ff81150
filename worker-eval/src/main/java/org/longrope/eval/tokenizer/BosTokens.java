package org.longrope.eval.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * Tokens that a tokenizer puts before a text, and the one that it names as BOS.
 *
 * <p>The rule is that of {@code AutoTokenizer.from_pretrained(directory)(text)} in transformers
 * 5.24 (tokenization_utils_base.py, {@code _from_pretrained}; tokenization_utils_tokenizers.py,
 * {@code TokenizersBackend}): where there is a tokenizer.json, {@code add_bos_token} of
 * tokenizer_config.json is dropped and the post_processor of tokenizer.json decides
 * (TemplateProcessing, alone or in a Sequence, puts BOS there; ByteLevel and none put nothing). A
 * {@code bos_token} alone never puts one. Two classes replace the post_processor: GPTNeoXTokenizer
 * by one without BOS, CodeLlamaTokenizer by one with {@code bos_token}. The class is that of
 * tokenizer_config.json; a {@code model_type} that overrules it is ignored.
 *
 * <p>In transformers 4.57 five classes replaced it as {@code add_bos_token} says: LlamaTokenizer,
 * CodeLlamaTokenizer, GemmaTokenizer and CohereTokenizer, where the default is true, and
 * GPTNeoXTokenizer, where it is false. A published directory whose files agree behaves alike in
 * both; {@link #disagreement} finds the others.
 *
 * @param prefix ids that the post_processor of tokenizer.json puts before a text
 * @param named the id of {@code bos_token} in tokenizer_config.json, if it is one token
 * @param tokenizerClass {@code tokenizer_class} there without "Fast"; empty if it has none
 * @param addBosToken {@code add_bos_token} there; null if it has none
 */
@SuppressWarnings("ArrayRecordComponent") // read only, never compared
record BosTokens(
    int[] prefix, OptionalInt named, String tokenizerClass, @Nullable Boolean addBosToken) {
  private static final String GPT_NEOX = "GPTNeoXTokenizer";
  private static final String CODE_LLAMA = "CodeLlamaTokenizer";

  /** Classes that obeyed add_bos_token in transformers 4, with true as its default. */
  private static final Set<String> BOS_BY_DEFAULT =
      Set.of("LlamaTokenizer", CODE_LLAMA, "GemmaTokenizer", "CohereTokenizer");

  /**
   * Reads them.
   *
   * @param config tokenizer_config.json; an empty object if there is none
   */
  static BosTokens read(HuggingFaceTokenizer tokenizer, JsonNode config) {
    String tokenizerClass = config.path("tokenizer_class").asText("").replaceFirst("Fast$", "");
    JsonNode add = config.path("add_bos_token");
    return new BosTokens(
        prefix(tokenizer),
        named(tokenizer, config, tokenizerClass),
        tokenizerClass,
        add.isBoolean() ? add.booleanValue() : null);
  }

  private static int[] prefix(HuggingFaceTokenizer tokenizer) {
    long[] bare = tokenizer.encode("a", false, false).getIds();
    long[] full = tokenizer.encode("a", true, false).getIds();
    int length = 0;
    while (length + bare.length <= full.length
        && !Arrays.equals(full, length, length + bare.length, bare, 0, bare.length)) {
      length++;
    }
    int[] prefix = new int[length + bare.length <= full.length ? length : 0];
    Arrays.setAll(prefix, i -> Math.toIntExact(full[i]));
    return prefix;
  }

  private static OptionalInt named(
      HuggingFaceTokenizer tokenizer, JsonNode config, String tokenizerClass) {
    JsonNode bos = config.path("bos_token");
    String token = bos.isObject() ? bos.path("content").asText("") : bos.asText("");
    if (bos.isMissingNode() && tokenizerClass.equals(CODE_LLAMA)) {
      token = "<s>"; // The default of this class.
    }
    if (bos.isNull() || token.isEmpty()) {
      return OptionalInt.empty();
    }
    long[] ids = tokenizer.encode(token, false, false).getIds();
    return ids.length == 1 ? OptionalInt.of(Math.toIntExact(ids[0])) : OptionalInt.empty();
  }

  /**
   * Returns the id that begins every sequence, if one does.
   *
   * @param where the tokenizer's directory, for messages
   * @throws BadInputException if BOS is requested and there is none, or the tokenizer puts more
   *     than one token before a text
   */
  OptionalInt chosen(BosChoice choice, String where) {
    return switch (choice) {
      case NO -> OptionalInt.empty();
      case AUTO -> automatic(where);
      case YES -> {
        OptionalInt bos = prefix.length == 1 ? OptionalInt.of(prefix[0]) : named;
        if (bos.isEmpty()) {
          throw BadInputException.of(
              "--bos is yes and the tokenizer in %s has no BOS: expected bos_token in"
                  + " tokenizer_config.json, one of the tokens; name it there, or leave --bos out.",
              where);
        }
        yield bos;
      }
    };
  }

  private OptionalInt automatic(String where) {
    if (tokenizerClass.equals(GPT_NEOX)) {
      return OptionalInt.empty();
    }
    if (tokenizerClass.equals(CODE_LLAMA)) {
      return named;
    }
    if (prefix.length > 1) {
      throw BadInputException.of(
          "The tokenizer in %s puts %d tokens before a text, %s: expected BOS alone; choose with"
              + " --bos yes or no.",
          where, prefix.length, Arrays.toString(prefix));
    }
    return prefix.length == 1 ? OptionalInt.of(prefix[0]) : OptionalInt.empty();
  }

  /** Returns true if transformers 4.57 decides otherwise than 5.24. */
  boolean disagreement() {
    boolean now = tokenizerClass.equals(CODE_LLAMA) ? named.isPresent() : prefix.length > 0;
    if (tokenizerClass.equals(GPT_NEOX)) {
      return Boolean.TRUE.equals(addBosToken) && named.isPresent();
    }
    return BOS_BY_DEFAULT.contains(tokenizerClass)
        && named.isPresent()
        && now == Boolean.FALSE.equals(addBosToken);
  }

  /**
   * Returns the choice of versions of this program that wrote partitions of format version 1: the
   * tokenizer's own BOS, else the named one unless add_bos_token is false.
   */
  OptionalInt former() {
    if (prefix.length > 0) {
      return OptionalInt.of(prefix[0]);
    }
    return Boolean.FALSE.equals(addBosToken) ? OptionalInt.empty() : named;
  }
}
