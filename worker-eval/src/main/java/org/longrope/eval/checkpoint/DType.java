package org.longrope.eval.checkpoint;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The element types a weight may have, named as in safetensors headers. */
public enum DType {
  F32(4, "float32"),
  F16(2, "float16"),
  BF16(2, "bfloat16");

  private final int bytes;
  private final String torchName;

  DType(int bytes, String torchName) {
    this.bytes = bytes;
    this.torchName = torchName;
  }

  /** Returns the bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Returns the name in torch_dtype of config.json. */
  public String torchName() {
    return torchName;
  }

  /** Reads the next element of little-endian bytes. */
  public float get(ByteBuffer bytes) {
    return switch (this) {
      case F32 -> bytes.getFloat();
      case BF16 -> HalfPrecision.fromBFloat16(bytes.getShort());
      case F16 -> HalfPrecision.fromFloat16(bytes.getShort());
    };
  }

  /** Appends an element to little-endian bytes, rounded to the nearest value of this type. */
  public void put(ByteBuffer bytes, float value) {
    switch (this) {
      case F32 -> bytes.putFloat(value);
      case BF16 -> bytes.putShort(HalfPrecision.toBFloat16(value));
      case F16 -> bytes.putShort(HalfPrecision.toFloat16(value));
    }
  }

  /** Returns the nearest value of this type. */
  public float round(float value) {
    return switch (this) {
      case F32 -> value;
      case BF16 -> HalfPrecision.fromBFloat16(HalfPrecision.toBFloat16(value));
      case F16 -> HalfPrecision.fromFloat16(HalfPrecision.toFloat16(value));
    };
  }

  static @Nullable DType named(String name) {
    for (DType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }
}
