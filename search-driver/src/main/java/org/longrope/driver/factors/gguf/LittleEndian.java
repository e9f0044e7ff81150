package org.longrope.driver.factors.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Growing buffer of little-endian numbers and of strings as GGUF stores them. */
final class LittleEndian {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  LittleEndian raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  LittleEndian uint32(int value) {
    return raw(little(Integer.BYTES).putInt(value).array());
  }

  LittleEndian uint64(long value) {
    return raw(little(Long.BYTES).putLong(value).array());
  }

  LittleEndian float32(float value) {
    return raw(little(Float.BYTES).putFloat(value).array());
  }

  LittleEndian float64(double value) {
    return raw(little(Double.BYTES).putDouble(value).array());
  }

  /** Appends the number of bytes and the bytes. */
  LittleEndian string(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return uint64(bytes.length).raw(bytes);
  }

  /** Appends zeros up to a multiple of the alignment. */
  LittleEndian pad(int alignment) {
    return raw(new byte[Math.toIntExact(padded(out.size(), alignment) - out.size())]);
  }

  byte[] toArray() {
    return out.toByteArray();
  }

  /** Returns the least multiple of the alignment that is not below a size. */
  static long padded(long size, int alignment) {
    return Math.addExact(size, alignment - 1) / alignment * alignment;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
