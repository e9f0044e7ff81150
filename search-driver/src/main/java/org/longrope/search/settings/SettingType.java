package org.longrope.search.settings;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Type of a setting: the conversion between its values, configuration files, command lines and
 * JSON.
 *
 * <p>A raw value is what a parser of HOCON or JSON returns, or the text of a command-line option:
 * text, a number, a boolean, a list or a map.
 *
 * @param description of the values, as the end of "expected …"
 * @param placeholder of a value in the help
 * @param read converts a raw value; throws IllegalArgumentException for one of another form
 * @param write converts a value to the raw one that JSON keeps
 * @param text converts a value to the text of a configuration file
 */
public record SettingType<T>(
    String description,
    String placeholder,
    Function<Object, T> read,
    Function<T, Object> write,
    Function<T, String> text) {

  /** A number that may be written in any way: 64, 64.0 and 6.4e1 are equal. */
  public static final SettingType<Integer> WHOLE_NUMBER =
      number("a whole number", "N", text -> new BigDecimal(text).intValueExact());

  public static final SettingType<Long> LONG_NUMBER =
      number("a whole number", "N", text -> new BigDecimal(text).longValueExact());

  public static final SettingType<Double> NUMBER = number("a number", "X", Double::valueOf);

  /** A switch: as an option, its name alone means true. */
  public static final SettingType<Boolean> FLAG =
      new SettingType<>(
          "true or false",
          "BOOLEAN",
          raw -> {
            String word = scalar(raw);
            if (!word.equals("true") && !word.equals("false")) {
              throw new IllegalArgumentException("expected true or false");
            }
            return word.equals("true");
          },
          value -> value,
          String::valueOf);

  /** A list, or a text with commas between its words. */
  public static final SettingType<List<String>> WORDS = list("a list of words", "WORD[,...]");

  private static <T extends Number> SettingType<T> number(
      String description, String placeholder, Function<String, T> parse) {
    return new SettingType<>(
        description,
        placeholder,
        raw -> {
          try {
            return parse.apply(scalar(raw));
          } catch (ArithmeticException e) {
            throw new IllegalArgumentException(e);
          }
        },
        value -> value,
        String::valueOf);
  }

  /** Returns the type of paths and other texts that are not checked here. */
  public static SettingType<String> text(String description, String placeholder) {
    return parsed(description, placeholder, text -> text);
  }

  /**
   * Returns a type whose values are written as {@link Object#toString} gives them.
   *
   * @param parse throws IllegalArgumentException, or BadInputException with a sentence of its own
   */
  public static <T> SettingType<T> parsed(
      String description, String placeholder, Function<String, T> parse) {
    return new SettingType<>(
        description,
        placeholder,
        raw -> parse.apply(scalar(raw)),
        String::valueOf,
        String::valueOf);
  }

  /** Returns the type of a few words. */
  @SafeVarargs
  public static <T> SettingType<T> oneOf(String placeholder, T... values) {
    String words = Arrays.stream(values).map(T::toString).collect(Collectors.joining(", "));
    return parsed(
        "one of " + words,
        placeholder,
        text ->
            Arrays.stream(values)
                .filter(value -> value.toString().equals(text))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new));
  }

  /** Returns the type of lists of texts. */
  public static SettingType<List<String>> list(String description, String placeholder) {
    return listOf(description, placeholder, text -> text);
  }

  /** Returns the type of lists of values that are written as {@link Object#toString} gives them. */
  public static <T> SettingType<List<T>> listOf(
      String description, String placeholder, Function<String, T> parse) {
    return new SettingType<>(
        description,
        placeholder,
        raw ->
            (raw instanceof List<?> list ? list : List.of(scalar(raw).split(",")))
                .stream().map(SettingType::scalar).map(parse).toList(),
        values -> values.stream().map(T::toString).toList(),
        String::valueOf);
  }

  private static String scalar(Object raw) {
    if (raw instanceof String || raw instanceof Number || raw instanceof Boolean) {
      return String.valueOf(raw);
    }
    throw new IllegalArgumentException("expected one value");
  }

  String text(T value) {
    return text.apply(value);
  }
}
