package org.longrope.driver.execution.spark;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A Kryo serializer of any record. It writes the components in their order and reads them through
 * the canonical constructor, which validates them. Kryo 4 itself cannot read the fields of a
 * record.
 */
final class RecordSerializer extends Serializer<Record> {
  private final Method[] accessors;
  private final Constructor<?> constructor;

  RecordSerializer(Class<?> type) {
    super(false, true);
    RecordComponent[] components = type.getRecordComponents();
    accessors = Arrays.stream(components).map(RecordComponent::getAccessor).toArray(Method[]::new);
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      constructor = type.getDeclaredConstructor(types);
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException("Cannot serialize " + type + ": it is no record", e);
    }
    constructor.setAccessible(true);
    Arrays.stream(accessors).forEach(accessor -> accessor.setAccessible(true));
  }

  @Override
  public void write(Kryo kryo, Output output, Record record) {
    try {
      for (Method accessor : accessors) {
        Object value = accessor.invoke(record);
        // Kryo 4 cannot read the lists of List.copyOf.
        kryo.writeClassAndObject(
            output, value instanceof List<?> list ? new ArrayList<>(list) : value);
      }
    } catch (ReflectiveOperationException e) {
      throw new KryoException("Cannot write " + record, e);
    }
  }

  @Override
  public Record read(Kryo kryo, Input input, Class<Record> type) {
    Object[] values = new Object[accessors.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = kryo.readClassAndObject(input);
    }
    try {
      return (Record) constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new KryoException("Cannot read a " + type.getName(), e);
    }
  }
}
