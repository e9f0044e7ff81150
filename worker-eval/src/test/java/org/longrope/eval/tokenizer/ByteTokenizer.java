package org.longrope.eval.tokenizer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.List;

/** tokenizer.json of one token for each byte (id = byte) in GPT-2's byte alphabet. */
final class ByteTokenizer {
  static final int BOS = 256;

  private static final JsonMapper MAPPER = new JsonMapper();

  private ByteTokenizer() {}

  /** Returns a tokenizer.json without any special token. */
  static ObjectNode bare() {
    ObjectNode json = MAPPER.createObjectNode().put("version", "1.0");
    json.putNull("truncation").putNull("padding").putArray("added_tokens");
    json.putNull("normalizer").putNull("post_processor");
    json.putObject("pre_tokenizer")
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", false);
    json.putObject("decoder")
        .put("type", "ByteLevel")
        .put("add_prefix_space", true)
        .put("trim_offsets", true)
        .put("use_regex", true);
    ObjectNode model = json.putObject("model").put("type", "BPE").putNull("unk_token");
    model.putNull("dropout").putArray("merges");
    ObjectNode vocabulary = model.putObject("vocab");
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean visible = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      vocabulary.put(Character.toString(visible ? b : next++), b);
    }
    return json;
  }

  /** Returns one with {@code <s>} = 256 among the tokens, put before nothing. */
  static ObjectNode withBosToken() {
    ObjectNode json = bare();
    json.withArray("added_tokens")
        .addObject()
        .put("id", BOS)
        .put("content", "<s>")
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
    return json;
  }

  /** Returns one with {@code <s>} put before every text, as Llama's tokenizers do. */
  static ObjectNode withTemplate() {
    ObjectNode json = withBosToken();
    json.set("post_processor", template(1));
    return json;
  }

  /** Returns the post-processor of GPT-2's tokenizers, which puts nothing before a text. */
  static ObjectNode byteLevel() {
    return MAPPER
        .createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", false)
        .put("use_regex", true);
  }

  /** Returns several post-processors, one after the other, as in Llama 3's tokenizers. */
  static ObjectNode sequence(ObjectNode... processors) {
    ObjectNode json = MAPPER.createObjectNode().put("type", "Sequence");
    json.putArray("processors").addAll(List.of(processors));
    return json;
  }

  /** Returns the post-processor that puts {@code <s>} before every text a number of times. */
  static ObjectNode template(int times) {
    ObjectNode template = MAPPER.createObjectNode().put("type", "TemplateProcessing");
    ObjectNode bos = MAPPER.createObjectNode();
    bos.putObject("SpecialToken").put("id", "<s>").put("type_id", 0);
    ObjectNode text = MAPPER.createObjectNode();
    text.putObject("Sequence").put("id", "A").put("type_id", 0);
    ObjectNode second = MAPPER.createObjectNode();
    second.putObject("Sequence").put("id", "B").put("type_id", 1);
    template.putArray("single").addAll(Collections.nCopies(times, bos)).add(text);
    template.putArray("pair").addAll(Collections.nCopies(times, bos)).add(text).add(second);
    ObjectNode special = template.putObject("special_tokens").putObject("<s>").put("id", "<s>");
    special.putArray("ids").add(BOS);
    special.putArray("tokens").add("<s>");
    return template;
  }
}
