package org.longrope.eval.checkpoint;

/**
 * The 16-bit float formats of checkpoints, which Java 17 has no type for. Rounds to nearest even.
 */
final class HalfPrecision {
  private HalfPrecision() {}

  static short toBFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >> 16 | 0x40);
    }
    return (short) (bits + 0x7FFF + (bits >> 16 & 1) >> 16);
  }

  static float fromBFloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  static float fromFloat16(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >> 10 & 0x1F;
    int fraction = bits & 0x3FF;
    if (exponent == 0x1F) {
      return Float.intBitsToFloat(sign | 0x7F800000 | fraction << 13);
    }
    // Scaling by 2^112 moves the exponent's bias from 15 to 127, subnormal numbers included.
    float magnitude = Float.intBitsToFloat((exponent << 10 | fraction) << 13) * 0x1p112f;
    return sign == 0 ? magnitude : -magnitude;
  }

  static short toFloat16(float value) {
    int sign = Float.floatToRawIntBits(value) >> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7E00);
    }
    if (magnitude >= 65520) {
      return (short) (sign | 0x7C00);
    }
    if (magnitude < 0x1p-14f) {
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int bits = Float.floatToRawIntBits(magnitude);
    return (short) (sign | (bits - (112 << 23) + 0xFFF + (bits >> 13 & 1) >> 13));
  }
}
