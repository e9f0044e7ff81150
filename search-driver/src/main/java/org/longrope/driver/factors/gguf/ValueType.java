package org.longrope.driver.factors.gguf;

import org.jspecify.annotations.Nullable;

/** Type of a value in the metadata. The ordinal is the number that a file holds. */
enum ValueType {
  UINT8(1),
  INT8(1),
  UINT16(2),
  INT16(2),
  UINT32(4),
  INT32(4),
  FLOAT32(4),
  BOOL(1),
  STRING(0),
  ARRAY(0),
  UINT64(8),
  INT64(8),
  FLOAT64(8);

  private final int bytes;

  ValueType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the bytes of a value; 0 where each value has a length of its own. */
  int bytes() {
    return bytes;
  }

  /** Returns the type of a number; null if there is none. */
  static @Nullable ValueType of(long number) {
    return number >= 0 && number < values().length ? values()[(int) number] : null;
  }
}
