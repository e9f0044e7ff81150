package org.longrope.eval.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfPrecisionTest {
  private static final int FLOAT16_INFINITY = 0x7C00;
  private static final int BFLOAT16_INFINITY = 0x7F80;

  /** Returns the value of a finite float16 without its sign, from the definition of the format. */
  private static float float16(int bits) {
    int exponent = bits >> 10;
    double fraction = (bits & 0x3FF) / 1024.0;
    return (float)
        (exponent == 0 ? fraction * Math.pow(2, -14) : (1 + fraction) * Math.pow(2, exponent - 15));
  }

  @Test
  void float16_everyPattern_isItsValueAndConvertsBack() {
    for (int bits = 0; bits < FLOAT16_INFINITY; bits++) {
      check(HalfPrecision.fromFloat16((short) bits) == float16(bits), bits);
      check(HalfPrecision.fromFloat16((short) (bits | 0x8000)) == -float16(bits), bits);
    }
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfPrecision.fromFloat16((short) bits);
      short back = HalfPrecision.toFloat16(value);
      if ((bits & 0x7FFF) > FLOAT16_INFINITY) {
        check(Float.isNaN(value) && Float.isNaN(HalfPrecision.fromFloat16(back)), bits);
      } else {
        check(back == (short) bits, bits);
      }
    }
    assertThat(HalfPrecision.fromFloat16((short) FLOAT16_INFINITY))
        .isEqualTo(Float.POSITIVE_INFINITY);
  }

  @Test
  void bfloat16_everyPattern_isTheUpperHalfOfAFloatAndConvertsBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfPrecision.fromBFloat16((short) bits);
      short back = HalfPrecision.toBFloat16(value);
      if ((bits & 0x7FFF) > BFLOAT16_INFINITY) {
        check(Float.isNaN(value) && Float.isNaN(HalfPrecision.fromBFloat16(back)), bits);
      } else {
        check(Float.floatToRawIntBits(value) == bits << 16, bits);
        check(back == (short) bits, bits);
      }
    }
  }

  @Test
  void toFloat16_betweenNeighbours_roundsToNearestEven() {
    for (int bits = 0; bits < FLOAT16_INFINITY - 1; bits++) {
      float middle = (float) (((double) float16(bits) + float16(bits + 1)) / 2);
      checkRounding(bits, middle);
    }
    // Half a step above the greatest, 65504, is where infinity begins.
    checkRounding(FLOAT16_INFINITY - 1, 65520);
  }

  private static void checkRounding(int below, float middle) {
    int even = below % 2 == 0 ? below : below + 1;
    check(HalfPrecision.toFloat16(middle) == even, below);
    check(HalfPrecision.toFloat16(-middle) == (short) (even | 0x8000), below);
    check(HalfPrecision.toFloat16(Math.nextDown(middle)) == below, below);
    check(HalfPrecision.toFloat16(Math.nextUp(middle)) == below + 1, below);
  }

  @Test
  void toBFloat16_betweenNeighbours_roundsToNearestEven() {
    for (int bits = 0; bits < BFLOAT16_INFINITY; bits++) {
      int even = bits % 2 == 0 ? bits : bits + 1;
      int middle = bits << 16 | 0x8000;
      check(HalfPrecision.toBFloat16(Float.intBitsToFloat(middle)) == even, bits);
      check(HalfPrecision.toBFloat16(Float.intBitsToFloat(middle - 1)) == bits, bits);
      check(HalfPrecision.toBFloat16(Float.intBitsToFloat(middle + 1)) == bits + 1, bits);
    }
  }

  @Test
  void toFloat16_outsideOfTheRange_isInfinityOrZero() {
    assertThat(HalfPrecision.toFloat16(Float.MAX_VALUE)).isEqualTo((short) 0x7C00);
    assertThat(HalfPrecision.toFloat16(-1e6f)).isEqualTo((short) 0xFC00);
    assertThat(HalfPrecision.toFloat16(Float.MIN_VALUE)).isEqualTo((short) 0);
    assertThat(HalfPrecision.toFloat16(-Float.MIN_VALUE)).isEqualTo((short) 0x8000);
  }

  private static void check(boolean holds, int bits) {
    if (!holds) {
      throw new AssertionError(String.format("Does not hold for pattern %04x", bits));
    }
  }
}
