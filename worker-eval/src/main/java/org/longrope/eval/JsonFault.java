package org.longrope.eval;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reason why a text is not the JSON that was expected, in words for users. The library's own
 * messages name its classes and settings.
 */
public final class JsonFault {
  private static final Pattern REPEATED = Pattern.compile("^Duplicate \\D*?[\"'](.*?)[\"']");
  private static final Set<Class<?>> WHOLE =
      Set.of(int.class, Integer.class, long.class, Long.class);

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
      return describe(mapping, message);
    }
    return "the text near " + place(fault.getLocation()) + " is not allowed there";
  }

  private static String describe(JsonMappingException fault, String message) {
    String path = path(fault);
    String subject = path.isEmpty() ? "its content" : "the field '" + oneLine(path) + "'";
    if (fault instanceof UnrecognizedPropertyException unknown) {
      return subject + " is unknown, expected one of " + names(unknown.getKnownPropertyIds());
    }
    if (fault instanceof ValueInstantiationException refused && refused.getCause() != null) {
      String reason = String.valueOf(refused.getCause().getMessage());
      return subject + " has values that are not allowed: " + oneLine(reason);
    }
    Class<?> expected = fault instanceof MismatchedInputException m ? m.getTargetType() : null;
    String type = expected == null ? "" : ", expected " + expected(expected);
    if (fault instanceof InvalidNullException) {
      return subject + " is null" + type;
    }
    return subject
        + (message.startsWith("Missing ") ? " is missing" : " is of another type or out of range")
        + type;
  }

  private static String path(JsonMappingException fault) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : fault.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.toString();
  }

  private static String names(@Nullable Collection<Object> names) {
    return names == null
        ? "none"
        : names.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String expected(Class<?> type) {
    if (type.isEnum()) {
      return "one of "
          + Arrays.stream(type.getEnumConstants())
              .map(String::valueOf)
              .collect(Collectors.joining(", "));
    }
    if (WHOLE.contains(type)) {
      return "a whole number";
    }
    if (type == double.class || type == float.class || Number.class.isAssignableFrom(type)) {
      return "a number";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == String.class || type == Path.class) {
      return "text in quotes";
    }
    if (type == Instant.class) {
      return "a time such as 2026-01-31T12:00:00Z";
    }
    return type.isArray() || Collection.class.isAssignableFrom(type) ? "a list" : "an object";
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
