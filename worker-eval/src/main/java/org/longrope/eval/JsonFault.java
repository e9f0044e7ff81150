package org.longrope.eval;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonMappingException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The reason why a text is not the JSON that was expected, in words for users. The library's own
 * messages name its classes and settings.
 */
public final class JsonFault {
  private static final Pattern REPEATED = Pattern.compile("^Duplicate \\D*?[\"'](.*?)[\"']");
  private static final Pattern QUOTED = Pattern.compile("[\"'](\\w+)[\"']");

  private JsonFault() {}

  /** Returns the reason as a clause without an end mark, of one line. */
  public static String describe(JsonProcessingException fault) {
    String message = String.valueOf(fault.getOriginalMessage());
    if (fault instanceof JsonEOFException) {
      return "it ends in the middle of a value";
    }
    if (fault instanceof StreamConstraintsException) {
      return "a number, a name or the nesting is longer than can be read";
    }
    Matcher repeated = REPEATED.matcher(message);
    if (repeated.find()) {
      return "the name \"" + oneLine(repeated.group(1)) + "\" occurs twice in one object";
    }
    if (message.startsWith("Trailing token")) {
      return "there is more after its end, at " + place(fault.getLocation());
    }
    if (fault instanceof JsonMappingException mapping) {
      return "the field '" + field(mapping, message) + "' is missing, unknown or of another type";
    }
    return "the text near " + place(fault.getLocation()) + " is not allowed there";
  }

  private static String field(JsonMappingException fault, String message) {
    List<JsonMappingException.Reference> path = fault.getPath();
    for (int i = path.size() - 1; i >= 0; i--) {
      String name = path.get(i).getFieldName();
      if (name != null) {
        return oneLine(name);
      }
    }
    Matcher quoted = QUOTED.matcher(message);
    return quoted.find() ? quoted.group(1) : "?";
  }

  private static String place(JsonLocation location) {
    if (location == null) {
      return "an unknown place";
    }
    return location.getLineNr() > 1
        ? "line " + location.getLineNr() + ", column " + location.getColumnNr()
        : "column " + location.getColumnNr();
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\R", " ");
  }
}
