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
import org.longrope.driver.execution.Answer;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.Reply;
import org.longrope.driver.execution.worker.HostReport;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.choices.ChoiceBatch;
import org.longrope.eval.choices.ChoiceScore;
import org.longrope.eval.choices.Choices;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
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
        new Evaluation.Scored(TASK, SCORE, "bf16"),
        new Evaluation.Scored(TASK, SCORE, "f32", "AMD AVX2"),
        new Evaluation.Rejected(TASK, "Σ NLL is NaN"),
        new Answer.Done(new Evaluation.Scored(TASK, SCORE, "f32"), 12.5),
        new Answer.TimedOut(TASK, 300, "10.0.0.2:4000"),
        new Answer.Declined(TASK),
        TRIAL,
        new PasskeyResult(TRIAL, " 17865.", 0.1234567890123, 6),
        new Reply<>(new PasskeyResult(TRIAL, null, 3.5, 6), "bf16", "GPU"),
        MODEL,
        MODEL.hadoop(),
        new WorkerSpec(MODEL, null, "hdfs://host/data", "4567cdef"),
        new WorkerSpec(MODEL, "89ab0123", "data", "1"),
        new HostReport("3", "host", List.of("Java: 17"), List.of("no GPU.")),
        SCORE,
        new Protocol.Truncated(2),
        new Protocol.Sliding(4096, 256),
        new Protocol.Tail(131_072, 4096),
        new Protocol.Needle(131_072, 0.1, 17_865),
        RESCALING,
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
  void serialize_arrays_areReadBackEqual() {
    assertThat(roundTrip(new EvaluationTask[] {TASK, TASK})).containsExactly(TASK, TASK);
    Answer done = new Answer.Done(new Evaluation.Scored(TASK, SCORE, "f32"), 0);
    assertThat(roundTrip(new Answer[] {done})).containsExactly(done);
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
    Reply<ChoiceScore[]> reply = new Reply<>(scores, "f32", "AMD AVX2");
    assertThat(roundTrip(reply)).usingRecursiveComparison().isEqualTo(reply);
    assertThat(roundTrip(reply, javaSerializer())).usingRecursiveComparison().isEqualTo(reply);
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
    assertThat(types).contains(Evaluation.class.getPermittedSubclasses());
    assertThat(types).contains(Answer.class.getPermittedSubclasses());
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
