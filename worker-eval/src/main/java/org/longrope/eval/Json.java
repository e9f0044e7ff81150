package org.longrope.eval;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * JSON of the product's own files. A Java record is the schema of a file or of a part of one:
 *
 * <ul>
 *   <li>its components are the fields, in their order, named in snake_case;
 *   <li>a component that is {@code @Nullable} may be null or absent and is left out where it is
 *       null; every other one is required;
 *   <li>a field of another name, of another type or twice in one object is an error;
 *   <li>times are ISO 8601 in UTC, paths are text, doubles keep all their digits.
 * </ul>
 *
 * <p>Jackson's annotations on a record change single fields. Formats of other programs have readers
 * of their own: this class would reject what those programs add.
 */
public final class Json {
  /** Remedy for a file that no command makes again. */
  public static final String RESTORE = "restore it from a copy";

  private static final JsonMapper MAPPER = mapper();

  private static final ObjectWriter PRETTY =
      MAPPER.writer(
          new DefaultPrettyPrinter()
              .withSeparators(
                  Separators.createDefaultInstance()
                      .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                      .withArrayValueSpacing(Separators.Spacing.AFTER))
              .withObjectIndenter(new DefaultIndenter("  ", "\n"))
              .withArrayIndenter(new DefaultPrettyPrinter.NopIndenter()));

  private Json() {}

  private static JsonMapper mapper() {
    JsonMapper mapper =
        JsonMapper.builder()
            .annotationIntrospector(new RecordIntrospector())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                JsonInclude.Value.construct(
                    JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .visibility(PropertyAccessor.GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .addModule(
                new SimpleModule()
                    .addSerializer(Instant.class, ToStringSerializer.instance)
                    .addDeserializer(Instant.class, new FromText<>(Instant.class, Instant::parse))
                    .addSerializer(Path.class, ToStringSerializer.instance)
                    .addDeserializer(Path.class, new FromText<>(Path.class, Path::of)))
            .build();
    for (CoercionInputShape other :
        new CoercionInputShape[] {
          CoercionInputShape.Boolean, CoercionInputShape.Integer, CoercionInputShape.Float
        }) {
      mapper.coercionConfigFor(LogicalType.Textual).setCoercion(other, CoercionAction.Fail);
    }
    return mapper;
  }

  /**
   * Reads a record.
   *
   * @param type record class
   * @param where file, for the message
   * @param remedy clause for the message that tells what to do about a damaged file
   * @throws BadInputException if the text is not such a record
   */
  public static <T> T read(Class<T> type, String text, String where, String remedy) {
    try {
      T value = MAPPER.readValue(text, type);
      if (value != null) {
        return value;
      }
    } catch (JsonProcessingException e) {
      throw damaged(where, e, remedy);
    }
    throw BadInputException.of("%s is damaged: its content is null; %s.", where, remedy);
  }

  /**
   * Reads a record from a part of a file.
   *
   * @param type record class
   * @param where file, for the message
   * @param remedy clause for the message that tells what to do about a damaged file
   * @throws BadInputException if the part is not such a record
   */
  public static <T> T read(Class<T> type, JsonNode part, String where, String remedy) {
    try {
      return MAPPER.treeToValue(part, type);
    } catch (JsonProcessingException e) {
      throw damaged(where, e, remedy);
    }
  }

  /**
   * Reads an object of any fields.
   *
   * @param where file, for the message
   * @param remedy clause for the message that tells what to do about a damaged file
   * @throws BadInputException if the text is not a JSON object
   */
  public static ObjectNode readObject(String text, String where, String remedy) {
    return read(ObjectNode.class, text, where, remedy);
  }

  /** Converts a record to an object whose fields can be changed. */
  public static ObjectNode tree(Object record) {
    return MAPPER.valueToTree(record);
  }

  /** Prints a record or a node on one line, without an end of line. */
  public static String line(Object value) {
    return print(MAPPER.writer(), value);
  }

  /** Prints a record or a node with one field a line and a list on one line; ends the last line. */
  public static String pretty(Object value) {
    return print(PRETTY, value) + "\n";
  }

  private static String print(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(value.getClass() + " cannot be printed as JSON", e);
    }
  }

  private static BadInputException damaged(
      String where, JsonProcessingException fault, String remedy) {
    return new BadInputException(
        String.format("%s is damaged: %s; %s.", where, JsonFault.describe(fault), remedy), fault);
  }

  /** Requirement of every record component that is not {@code @Nullable}. */
  private static final class RecordIntrospector extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean hasRequiredMarker(AnnotatedMember member) {
      return isRequired(member) ? Boolean.TRUE : super.hasRequiredMarker(member);
    }

    @Override
    public JsonSetter.Value findSetterInfo(Annotated member) {
      return isRequired(member)
          ? JsonSetter.Value.forValueNulls(Nulls.FAIL)
          : super.findSetterInfo(member);
    }

    private static boolean isRequired(Annotated member) {
      if (!(member instanceof AnnotatedParameter parameter)) {
        return false;
      }
      RecordComponent[] components = parameter.getDeclaringClass().getRecordComponents();
      return components != null
          && components.length == parameter.getOwner().getParameterCount()
          && !components[parameter.getIndex()]
              .getAnnotatedType()
              .isAnnotationPresent(Nullable.class);
    }
  }

  /** Reader of a value that is written as text. */
  private static final class FromText<T> extends StdScalarDeserializer<T> {
    private static final long serialVersionUID = 1L;

    private final transient Function<String, T> parser;

    FromText(Class<T> type, Function<String, T> parser) {
      super(type);
      this.parser = parser;
    }

    @Override
    public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
      if (!json.hasToken(JsonToken.VALUE_STRING)) {
        throw context.wrongTokenException(
            json, handledType(), JsonToken.VALUE_STRING, "expected text");
      }
      try {
        return parser.apply(json.getText());
      } catch (RuntimeException e) {
        throw context.weirdStringException(
            json.getText(), handledType(), String.valueOf(e.getMessage()));
      }
    }
  }
}
