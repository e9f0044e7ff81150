package org.longrope.eval.choices;

import java.util.Locale;

/**
 * Text as Python's str treats it, where the definition of a benchmark is a Python program and
 * Java's own methods differ: other characters are white space there, and letters are lowered.
 */
public final class PythonText {
  private PythonText() {}

  /** Computes {@code str.strip()}. */
  public static String strip(String text) {
    String right = stripRight(text);
    int start = 0;
    while (start < right.length() && isSpace(right.charAt(start))) {
      start++;
    }
    return right.substring(start);
  }

  /** Computes {@code str.rstrip()}. */
  public static String stripRight(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /**
   * Computes {@code str.capitalize()}: the first letter in title case, all others in lower case.
   */
  public static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    return Character.toString(Character.toTitleCase(first))
        + text.substring(Character.charCount(first)).toLowerCase(Locale.ROOT);
  }

  /** Computes {@code len(str)}: the number of code points. */
  public static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Computes {@code str.isspace()} of one character. */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }
}
