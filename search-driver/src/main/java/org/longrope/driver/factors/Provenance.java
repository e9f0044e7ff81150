package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Provenance in a form that can be published, also in a config.json. Files of older versions get
 * this form when they are written again.
 *
 * <ul>
 *   <li>transformers walks a config for keys named {@code dtype} and takes one name of a type there
 *       (configuration_utils.py, dict_dtype_to_str); a list is called {@code compute_dtypes}.
 *   <li>A path of the host where the factors were found is useless to others and reveals its
 *       owner's name: its last name remains, and hashes identify the content.
 * </ul>
 */
public final class Provenance {
  private static final Set<String> TYPE_KEYS = Set.of("dtype", "torch_dtype");
  private static final Pattern ABSOLUTE =
      Pattern.compile("(/|~|[A-Za-z][A-Za-z0-9+.-]*:/).*", Pattern.DOTALL);

  private Provenance() {}

  /** Returns a copy without lists of types under a reserved key, and without absolute paths. */
  public static JsonNode published(JsonNode node) {
    if (node instanceof ObjectNode object) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      object
          .properties()
          .forEach(
              field -> {
                boolean reserved =
                    TYPE_KEYS.contains(field.getKey()) && !field.getValue().isTextual();
                copy.set(reserved ? "compute_dtypes" : field.getKey(), published(field.getValue()));
              });
      return copy;
    }
    if (node instanceof ArrayNode list) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode();
      list.forEach(element -> copy.add(published(element)));
      return copy;
    }
    return node.isTextual() ? TextNode.valueOf(withoutFolder(node.asText())) : node;
  }

  /** Returns the last name of an absolute path or URI; any other text unchanged. */
  static String withoutFolder(String text) {
    if (!ABSOLUTE.matcher(text).matches()) {
      return text;
    }
    String path = text.replaceAll("/+$", "");
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
