package org.longrope.datasets;

import java.util.List;

/** Names of fields or columns as a message lists them. */
final class FieldNames {
  private static final int SHOWN = 20;

  private FieldNames() {}

  static String list(List<String> names) {
    if (names.isEmpty()) {
      return "none";
    }
    String shown = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    return (names.size() > SHOWN ? shown + ", …" : shown).replaceAll("\\R", " ");
  }
}
