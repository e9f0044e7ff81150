package org.longrope.driver.factors.gguf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Keys with values for a GGUF file, in the order in which they were added. */
public final class GgufMetadata {
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  /** Adds a text. */
  public GgufMetadata string(String key, String value) {
    return put(key, ValueType.STRING, new LittleEndian().string(value));
  }

  /** Adds a number of 32 bits. */
  public GgufMetadata uint32(String key, int value) {
    return put(key, ValueType.UINT32, new LittleEndian().uint32(value));
  }

  /** Adds a number, rounded to float32. */
  public GgufMetadata float32(String key, double value) {
    return put(key, ValueType.FLOAT32, new LittleEndian().float32((float) value));
  }

  /** Adds a list of numbers of 32 bits. */
  public GgufMetadata uint32s(String key, int... values) {
    LittleEndian array = array(ValueType.UINT32, values.length);
    for (int value : values) {
      array.uint32(value);
    }
    return put(key, ValueType.ARRAY, array);
  }

  /** Adds a list of numbers in float64. */
  public GgufMetadata float64s(String key, double... values) {
    LittleEndian array = array(ValueType.FLOAT64, values.length);
    for (double value : values) {
      array.float64(value);
    }
    return put(key, ValueType.ARRAY, array);
  }

  Set<String> keys() {
    return entries.keySet();
  }

  /** Returns key, type and value as a file holds them. */
  byte[] entry(String key) {
    byte[] value = entries.get(key);
    if (value == null) {
      throw new IllegalArgumentException("No key " + key);
    }
    return new LittleEndian().string(key).raw(value).toArray();
  }

  private GgufMetadata put(String key, ValueType type, LittleEndian value) {
    entries.put(key, new LittleEndian().uint32(type.ordinal()).raw(value.toArray()).toArray());
    return this;
  }

  private static LittleEndian array(ValueType type, int size) {
    return new LittleEndian().uint32(type.ordinal()).uint64(size);
  }
}
