package org.longrope.datasets;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.KryoRegistrator;
import org.apache.spark.serializer.KryoSerializer;

/** One Spark context for all tests of this module, with Kryo as strict as the product's. */
final class TestSpark {
  private static JavaSparkContext context;
  private static int cores;

  private TestSpark() {}

  static JavaSparkContext context() {
    return context(2);
  }

  static synchronized JavaSparkContext context(int wantedCores) {
    if (context == null || cores != wantedCores) {
      if (context != null) {
        context.stop();
      }
      cores = wantedCores;
      context =
          new JavaSparkContext(
              new SparkConf()
                  .setMaster("local[" + cores + "]")
                  .setAppName("datasets tests")
                  .set("spark.ui.enabled", "false")
                  .set("spark.driver.host", "127.0.0.1")
                  .set("spark.serializer", KryoSerializer.class.getName())
                  .set("spark.kryo.registrationRequired", "true")
                  .set("spark.kryo.registrator", Registrator.class.getName()));
    }
    return context;
  }

  /** Registrator of the wire types as in the driver application. */
  public static final class Registrator implements KryoRegistrator {
    @Override
    public void registerClasses(Kryo kryo) {
      for (Class<?> type : WireTypes.all()) {
        if (type.isRecord()) {
          kryo.register(type, new RecordSerializer());
        } else {
          kryo.register(type);
        }
      }
    }
  }

  private static final class RecordSerializer extends Serializer<Object> {
    @Override
    public void write(Kryo kryo, Output output, Object value) {
      try {
        for (RecordComponent component : value.getClass().getRecordComponents()) {
          component.getAccessor().setAccessible(true);
          kryo.writeClassAndObject(output, component.getAccessor().invoke(value));
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<Object> type) {
      RecordComponent[] components = type.getRecordComponents();
      Object[] values = new Object[components.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = kryo.readClassAndObject(input);
      }
      try {
        Constructor<Object> constructor =
            type.getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new));
        constructor.setAccessible(true);
        return constructor.newInstance(values);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
