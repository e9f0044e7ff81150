package org.longrope.eval.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** A byte-level BPE vocabulary as Hugging Face tokenizers read it. */
final class ByteLevelTokenizerJson {
  static final String BOS = "<s>";

  private static final int BYTES = 256;

  private ByteLevelTokenizerJson() {}

  /** Returns tokenizer.json for merges in their order; BOS is the last id. */
  static String of(List<BytePairTraining.Merge> merges) {
    List<String> tokens = new ArrayList<>();
    for (int value = 0; value < BYTES; value++) {
      tokens.add(String.valueOf(letter(value)));
    }
    ObjectNode json = new JsonMapper().createObjectNode();
    json.put("version", "1.0");
    json.putNull("truncation");
    json.putNull("padding");
    ObjectNode model = new JsonMapper().createObjectNode().put("type", "BPE");
    for (String name :
        List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
      model.putNull(name);
    }
    model.put("fuse_unk", false).put("byte_fallback", false);
    ArrayNode mergeList = new JsonMapper().createArrayNode();
    for (BytePairTraining.Merge merge : merges) {
      mergeList.addArray().add(tokens.get(merge.left())).add(tokens.get(merge.right()));
      tokens.add(tokens.get(merge.left()) + tokens.get(merge.right()));
    }
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      vocabulary.put(tokens.get(id), id);
    }
    model.set("merges", mergeList);
    int bos = tokens.size();
    vocabulary.put(BOS, bos);
    ObjectNode added = json.putArray("added_tokens").addObject().put("id", bos).put("content", BOS);
    for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      added.put(flag, false);
    }
    added.put("special", true);
    json.putNull("normalizer");
    byteLevel(json.putObject("pre_tokenizer"));
    beginWithBos(json.putObject("post_processor"), bos);
    byteLevel(json.putObject("decoder"));
    json.set("model", model);
    try {
      return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of plain values is always JSON", e);
    }
  }

  private static void byteLevel(ObjectNode node) {
    node.put("type", "ByteLevel").put("add_prefix_space", false);
    node.put("trim_offsets", false).put("use_regex", true);
  }

  private static void beginWithBos(ObjectNode node, int bos) {
    node.put("type", "TemplateProcessing");
    for (List<String> sequences : List.of(List.of("A"), List.of("A", "B"))) {
      ArrayNode template = node.putArray(sequences.size() == 1 ? "single" : "pair");
      template.addObject().putObject("SpecialToken").put("id", BOS).put("type_id", 0);
      for (String sequence : sequences) {
        int type = sequence.equals("A") ? 0 : 1;
        template.addObject().putObject("Sequence").put("id", sequence).put("type_id", type);
      }
    }
    ObjectNode special = node.putObject("special_tokens").putObject(BOS).put("id", BOS);
    special.putArray("ids").add(bos);
    special.putArray("tokens").add(BOS);
  }

  /**
   * Returns GPT-2's visible letter for a byte: printable Latin-1 as itself, the others from U+0100
   * on.
   */
  private static char letter(int value) {
    if (isVisible(value)) {
      return (char) value;
    }
    int hidden = 0;
    for (int lower = 0; lower < value; lower++) {
      hidden += isVisible(lower) ? 0 : 1;
    }
    return (char) (BYTES + hidden);
  }

  private static boolean isVisible(int value) {
    return (value >= '!' && value <= '~') || (value >= 0xA1 && value != 0xAD);
  }
}
