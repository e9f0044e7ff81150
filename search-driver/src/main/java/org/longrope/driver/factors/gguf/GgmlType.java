package org.longrope.driver.factors.gguf;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.checkpoint.DType;

/**
 * Type of a tensor's elements, which lie in blocks along a row (ggml-common.h of llama.cpp). A
 * weight of a quantised block is a sum of products of integers with the block's scales, so that
 * multiplying these multiplies the weight.
 */
public enum GgmlType {
  F32(0, 1, 4, DType.F32, 0),
  F16(1, 1, 2, DType.F16, 0),
  BF16(30, 1, 2, DType.BF16, 0),
  /** Scale d. */
  Q4_0(2, 32, 18, DType.F16, 0),
  /** Scale d and least weight m. */
  Q4_1(3, 32, 20, DType.F16, 0, 2),
  Q5_0(6, 32, 22, DType.F16, 0),
  Q5_1(7, 32, 24, DType.F16, 0, 2),
  Q8_0(8, 32, 34, DType.F16, 0),
  /** Scales d and dmin of the scales and least weights of 16 parts, which come before them. */
  Q2_K(10, 256, 84, DType.F16, 80, 82),
  Q3_K(11, 256, 110, DType.F16, 108),
  Q4_K(12, 256, 144, DType.F16, 0, 2),
  Q5_K(13, 256, 176, DType.F16, 0, 2),
  Q6_K(14, 256, 210, DType.F16, 208),
  Q8_1(9, 32, 36, null),
  Q8_K(15, 256, 292, null),
  IQ2_XXS(16, 256, 66, null),
  IQ2_XS(17, 256, 74, null),
  IQ3_XXS(18, 256, 98, null),
  IQ1_S(19, 256, 50, null),
  IQ4_NL(20, 32, 18, null),
  IQ3_S(21, 256, 110, null),
  IQ2_S(22, 256, 82, null),
  IQ4_XS(23, 256, 136, null),
  I8(24, 1, 1, null),
  I16(25, 1, 2, null),
  I32(26, 1, 4, null),
  I64(27, 1, 8, null),
  F64(28, 1, 8, null),
  IQ1_M(29, 256, 56, null),
  TQ1_0(34, 256, 54, null),
  TQ2_0(35, 256, 66, null),
  MXFP4(39, 32, 17, null);

  private final int id;
  private final int blockElements;
  private final int blockBytes;
  private final @Nullable DType scaleType;
  private final int[] scalesAt;

  GgmlType(int id, int blockElements, int blockBytes, @Nullable DType scaleType, int... scalesAt) {
    this.id = id;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
    this.scaleType = scaleType;
    this.scalesAt = scalesAt;
  }

  /** Returns the type of a number in a file; null if there is none. */
  static @Nullable GgmlType of(long id) {
    return Arrays.stream(values()).filter(type -> type.id == id).findFirst().orElse(null);
  }

  /** Lists the types whose weights can be multiplied. */
  static String scalable() {
    return Arrays.stream(values())
        .filter(type -> type.scaleType != null)
        .map(GgmlType::name)
        .collect(Collectors.joining(", "));
  }

  int id() {
    return id;
  }

  /** Returns the number of elements of a block; 1 where each is stored by itself. */
  int blockElements() {
    return blockElements;
  }

  int blockBytes() {
    return blockBytes;
  }

  /** Returns the type of a block's scales, or of the elements; null: they cannot be multiplied. */
  @Nullable DType scaleType() {
    return scaleType;
  }

  /** Returns where a block's scales begin, in bytes. */
  int[] scalesAt() {
    return scalesAt.clone();
  }
}
