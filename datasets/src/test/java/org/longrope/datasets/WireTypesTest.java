package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

class WireTypesTest {
  private static final InputFile FILE =
      new InputFile(3, SourceFormat.ARCHIVE, "hdfs://host/a.zip", 9, 5, "a", "Ulysses – ünï", 1, 4);
  private static final StagedDocument STAGED = new StagedDocument(3, 7, "a:7", 12);
  private static final TokenisedDocument TOKENISED =
      new TokenisedDocument(
          3, 7, "a:7", "Ulysses – ünï", new int[] {0, -1, Integer.MAX_VALUE}, null);
  private static final WritePlan PLAN =
      new WritePlan(new long[] {1, Long.MAX_VALUE}, new String[] {"a", "b"}, new int[] {0, 1}, 9);

  static List<Object> values() {
    return List.of(
        FILE,
        TaskResult.of(TOKENISED),
        TaskResult.failed("Cannot read it."),
        SourceFormat.PG19,
        STAGED,
        new StagedDocument[] {STAGED},
        new StagedShare(new StagedDocument[] {STAGED}, 2, 1, "Line 3 is not JSON."),
        TOKENISED,
        new TokenizerFiles("/model", new byte[] {1, 2}, new byte[0]),
        PLAN);
  }

  /** Checks that the values of this test cover a type that is added to the wire. */
  @Test
  void values_areOneOfEveryWireType() {
    assertThat(values())
        .extracting(Object::getClass)
        .containsAll(WireTypes.all().stream().map(type -> (Class<?>) type).toList());
  }

  @ParameterizedTest
  @MethodSource("values")
  void wireValue_roundTripByJava_hasEqualContent(Object value) {
    assertSameContent(value, new JavaSerializer(new SparkConf(false)).newInstance());
  }

  @ParameterizedTest
  @MethodSource("values")
  void wireValue_roundTripByKryo_hasEqualContent(Object value) {
    assertSameContent(
        value,
        new KryoSerializer(
                new SparkConf(false)
                    .set("spark.kryo.registrator", TestSpark.Registrator.class.getName())
                    .set("spark.kryo.registrationRequired", "true"))
            .newInstance());
  }

  private static void assertSameContent(Object value, SerializerInstance serializer) {
    ClassTag<Object> tag = ClassTag$.MODULE$.apply(value.getClass());
    Object back = serializer.deserialize(serializer.serialize(value, tag), tag);
    // Records that carry arrays have no equality of their own.
    assertThat(back)
        .hasSameClassAs(value)
        .usingRecursiveComparison()
        .withStrictTypeChecking()
        .isEqualTo(value);
  }
}
