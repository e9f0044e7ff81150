package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.Kryo;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.driver.execution.ChoiceTask;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.PasskeyTask;
import org.longrope.driver.execution.worker.HostReport;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.TaskDocuments;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.choices.ChoiceBatch;
import org.longrope.eval.choices.ChoiceScore;
import org.longrope.eval.choices.Choices;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

class WireRegistratorTest {
  private static final Rescaling RESCALING =
      new Rescaling(RescaleFactors.of(1, 1.5, Math.PI, 4), 12, 1.0724);
  private static final EvaluationTask TASK =
      new EvaluationTask(RESCALING, "Ulysses – ünï", new Protocol.Truncated(131_072));
  private static final DocumentScore SCORE =
      new DocumentScore("Ulysses – ünï", 1234.5678901234567, 131_071, 0.25);
  private static final PasskeyTrial TRIAL = PasskeyTrial.draw(131_072, 0.25, -7);
  private static final ModelSpec MODEL =
      new ModelSpec(
          "/models/llama",
          "0123abcd",
          "none",
          new HadoopSettings(Map.of("fs.s3a.endpoint", "http://localhost")),
          131_072,
          2);

  private static SerializerInstance kryoSerializer() {
    return new KryoSerializer(
            new SparkConf(false)
                .set("spark.kryo.registrator", WireRegistrator.class.getName())
                .set("spark.kryo.registrationRequired", "true"))
        .newInstance();
  }

  private static SerializerInstance javaSerializer() {
    return new JavaSerializer(new SparkConf(false)).newInstance();
  }

  private static <T> T roundTrip(T value) {
    return roundTrip(value, kryoSerializer());
  }

  private static <T> T roundTrip(T value, SerializerInstance serializer) {
    ClassTag<T> tag = ClassTag$.MODULE$.apply(value.getClass());
    return serializer.deserialize(serializer.serialize(value, tag), tag);
  }

  static List<Object> values() {
    return List.of(
        TASK,
        new PasskeyTask(
            TRIAL,
            true,
            new FactorTable(
                List.of(
                    new FactorTable.Entry(64, RESCALING), new FactorTable.Entry(99, RESCALING))),
            "89ab0123",
            1),
        new PasskeyTask(TRIAL, false, FactorTable.constant(RESCALING), "89ab0123", null),
        new TaskAttempt.Completed(SCORE, "bf16", null, 2.5, 0),
        new TaskAttempt.Completed(new PasskeyResult(TRIAL, null, 3.5, 6), "f32", "GPU", 2, 12.5),
        new TaskAttempt.Rejected("Σ NLL is NaN"),
        new TaskAttempt.TimedOut(300, "10.0.0.2:4000"),
        new TaskAttempt.Declined(),
        TRIAL,
        new PasskeyResult(TRIAL, " 17865.", 0.1234567890123, 6),
        MODEL,
        MODEL.hadoop(),
        new WorkerSpec(MODEL, "89ab0123", null),
        new WorkerSpec(MODEL, null, new TaskDocuments.Partition("hdfs://host/data", "4567cdef")),
        new HostReport("3", "host", List.of("Java: 17"), List.of("no GPU.")),
        SCORE,
        new Protocol.Truncated(2),
        new Protocol.Sliding(4096, 256),
        new Protocol.Tail(131_072, 4096),
        new Protocol.Chunked(4096, 32_768),
        new Protocol.Needle(131_072, 0.1, 17_865),
        RESCALING,
        RESCALING.withQueryScales(QueryScales.ofLogs(1, 2, 4, new int[] {0, -1, 2, 3, 4, 5, 6, 7})),
        new NllGradient(List.of(0.5, -1e-9), 2.5, List.of(0.25f, -1e-30f)),
        RESCALING.factors(),
        new ArrayList<>(List.of(TASK, TASK)),
        new HashMap<>(Map.of("key", "value")));
  }

  @ParameterizedTest
  @MethodSource("values")
  void serialize_wireValueByKryo_isReadBackEqual(Object value) {
    assertThat(roundTrip(value)).isEqualTo(value).isNotSameAs(value);
  }

  @ParameterizedTest
  @MethodSource("values")
  void serialize_wireValueByJava_isReadBackEqual(Object value) {
    assertThat(roundTrip(value, javaSerializer())).isEqualTo(value).isNotSameAs(value);
  }

  /** Spark serialises tasks by Java, and everything else by the class of spark.serializer. */
  @Test
  void types_all_areSerializable() {
    for (Class<?> type : WireRegistrator.types()) {
      Class<?> element = type.isArray() ? type.getComponentType() : type;
      if (element.getName().startsWith("org.longrope.")) {
        assertThat(element).isAssignableTo(Serializable.class);
      }
    }
  }

  @Test
  void wireArrays_thereAndBack_areEqual() {
    assertThat(roundTrip(new ModelTask<?>[] {TASK, TASK})).containsExactly(TASK, TASK);
    TaskAttempt declined = new TaskAttempt.Declined();
    assertThat(roundTrip(new TaskAttempt[] {declined})).containsExactly(declined);
    assertThat(roundTrip(new Object[] {TASK, "text"})).containsExactly(TASK, "text");
    assertThat(roundTrip(new String[] {"a", "b"})).containsExactly("a", "b");
    assertThat(roundTrip(new int[] {1, -2})).containsExactly(1, -2);
    assertThat(roundTrip(new double[] {Math.E})).containsExactly(Math.E);
  }

  @Test
  void serialize_benchmarkQuestions_areReadBackEqual() {
    Choices choices = new Choices("mmlu 7", new int[] {1, 2}, new int[][] {{3}, {4, 5}});
    ChoiceBatch batch = new ChoiceBatch(RESCALING, 1, 4, new Choices[] {choices});
    assertThat(roundTrip(batch)).usingRecursiveComparison().isEqualTo(batch);
    assertThat(roundTrip(batch, javaSerializer())).usingRecursiveComparison().isEqualTo(batch);
    ChoiceScore[] scores = {new ChoiceScore("mmlu 7", new double[] {-1.5, -Math.PI})};
    TaskAttempt attempt = new TaskAttempt.Completed(scores, "f32", "AMD AVX2", 1, 0);
    assertThat(roundTrip(attempt)).usingRecursiveComparison().isEqualTo(attempt);
    assertThat(roundTrip(attempt, javaSerializer())).usingRecursiveComparison().isEqualTo(attempt);
    ChoiceTask task = new ChoiceTask(batch);
    assertThat(roundTrip(task)).usingRecursiveComparison().isEqualTo(task);
  }

  @Test
  void documentsThatTravel_thereAndBack_areEqual() {
    TaskDocuments inline = new TaskDocuments.Inline(new HashMap<>(Map.of("a", new int[] {1, 2})));
    assertThat(roundTrip(inline)).usingRecursiveComparison().isEqualTo(inline);
    assertThat(roundTrip(inline, javaSerializer())).usingRecursiveComparison().isEqualTo(inline);
  }

  @Test
  void types_all_haveTheirOwnRegistration() {
    Kryo kryo = kryo();
    for (Class<?> type : WireRegistrator.types()) {
      assertThat(kryo.getRegistration(type).getType()).isEqualTo(type);
      if (type.isRecord()) {
        assertThat(kryo.getRegistration(type).getSerializer()).isInstanceOf(RecordSerializer.class);
      }
    }
  }

  /** A record that becomes part of a wire type must be registered. */
  @Test
  void types_recordsWithinWireTypes_areRegistered() {
    List<Class<?>> types = WireRegistrator.types();
    assertThat(types).contains(TaskAttempt.class.getPermittedSubclasses());
    assertThat(types).contains(TaskDocuments.class.getPermittedSubclasses());
    assertThat(types).contains(Protocol.class.getPermittedSubclasses());
    for (Class<?> type : types) {
      if (type.isRecord() && type.getName().startsWith("org.longrope.driver")) {
        Arrays.stream(type.getRecordComponents())
            .map(component -> component.getType())
            .filter(Class::isRecord)
            .forEach(component -> assertThat(types).contains(component));
      }
    }
  }

  @Test
  void serialize_unregisteredType_isRejectedByName() {
    record Unregistered(int value) {}
    assertThatThrownBy(() -> roundTrip(new Unregistered(1)))
        .hasStackTraceContaining("Class is not registered")
        .hasStackTraceContaining("Unregistered");
  }

  private static Kryo kryo() {
    return new KryoSerializer(
            new SparkConf(false)
                .set("spark.kryo.registrator", WireRegistrator.class.getName())
                .set("spark.kryo.registrationRequired", "true"))
        .newKryo();
  }
}
