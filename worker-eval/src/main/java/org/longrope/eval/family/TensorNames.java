package org.longrope.eval.family;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.longrope.eval.BadInputException;

/**
 * Names of the tensors in a checkpoint's weight files, as far as they decide what is read: the
 * decoder's prefix, and the tensor of the output head.
 *
 * @param present all names; empty if the weights are not known, where every weight is taken to be
 *     where the family usually has it
 * @param differentHead whether the stored output head differs from the stored embedding
 * @param where name of the files in messages
 */
public record TensorNames(Set<String> present, boolean differentHead, String where) {
  /** Names of a model whose weights are not known. */
  public static final TensorNames UNKNOWN = new TensorNames(Set.of(), true, "");

  private static final List<String> PREFIXES =
      List.of("model.", "language_model.model.", "model.language_model.");

  private static final List<String> HEADS = List.of("lm_head", "language_model.lm_head");
  private static final String EMBEDDING = "embed_tokens.weight";

  /** Buffers of old files, which transformers computes anew. */
  private static final Pattern BUFFER =
      Pattern.compile(".*rotary_emb\\.(inv_freq|cos_cached|sin_cached)");

  private static final Pattern LAYER = Pattern.compile("layers\\.(\\d{1,9})\\..*");

  public TensorNames {
    present = Set.copyOf(present);
  }

  /** Returns the stored embedding and output head whose equality matters; empty if it does not. */
  public static List<String> embeddingAndHead(Set<String> present) {
    TensorNames names = new TensorNames(present, true, "");
    String embedding = names.inner(EMBEDDING);
    String head = names.headModule() + ".weight";
    return present.contains(embedding) && present.contains(head)
        ? List.of(embedding, head)
        : List.of();
  }

  private String prefix() {
    return PREFIXES.stream()
        .filter(prefix -> present.stream().anyMatch(name -> isOf(prefix, name)))
        .findFirst()
        .orElse("model.");
  }

  private static boolean isOf(String prefix, String name) {
    return name.startsWith(prefix + "layers.") || name.equals(prefix + EMBEDDING);
  }

  /** Returns the name of a decoder's module or tensor. */
  String inner(String name) {
    return prefix() + name;
  }

  /** Returns the name of a layer's module or tensor. */
  String ofLayer(int layer, String name) {
    return inner("layers." + layer + "." + name);
  }

  String headModule() {
    return HEADS.stream()
        .filter(head -> present.contains(head + ".weight"))
        .findFirst()
        .orElse(HEADS.get(0));
  }

  TensorPart embedding(long vocabulary, long hidden) {
    String embedding = inner(EMBEDDING);
    String head = headModule() + ".weight";
    boolean headAlone = !present.contains(embedding) && present.contains(head);
    return TensorPart.whole(headAlone ? head : embedding, vocabulary, hidden);
  }

  /**
   * Returns the output head: its own tensor unless it is tied and not there, or there and equal.
   */
  TensorPart head(boolean tied, long vocabulary, long hidden) {
    String head = headModule() + ".weight";
    boolean own = present.contains(head) && differentHead;
    return tied && !own
        ? embedding(vocabulary, hidden)
        : TensorPart.whole(head, vocabulary, hidden);
  }

  /** Says where the files decide against config.json. */
  List<String> notes(boolean tied) {
    String head = headModule() + ".weight";
    return tied && differentHead && present.contains(head) && present.contains(inner(EMBEDDING))
        ? List.of(
            String.format(
                "config.json ties the output head to the embedding, and %s has another %s: that is"
                    + " used, as transformers 5 does.",
                where, head))
        : List.of();
  }

  /**
   * Rejects a tensor of the decoder that nothing reads.
   *
   * @throws BadInputException naming it
   */
  void rejectUnread(DecoderSpec spec, ConfigFields config) {
    Set<String> read = new HashSet<>();
    spec.weights().forEach(part -> read.add(part.tensor()));
    String prefix = prefix();
    int predictions =
        config.has("num_nextn_predict_layers")
            ? config.whole("num_nextn_predict_layers", 0, 64)
            : 0;
    for (String name : new TreeSet<>(present)) {
      boolean own = name.startsWith(prefix) && !BUFFER.matcher(name).matches();
      if (!own || read.contains(name) || name.endsWith(EMBEDDING)) {
        continue;
      }
      Matcher layer = LAYER.matcher(name.substring(prefix.length()));
      if (layer.matches()) {
        int index = Integer.parseInt(layer.group(1));
        // Layers that predict further tokens follow the decoder's; transformers leaves them out.
        if (index >= spec.layerCount() && index < spec.layerCount() + predictions) {
          continue;
        }
      }
      throw BadInputException.of(
          "Tensor '%s' in %s is read by nothing in a %s with %d layers: expected the tensors that"
              + " config.json describes; take weights and config.json from one place.",
          name, where, spec.modelType(), spec.layerCount());
    }
  }
}
