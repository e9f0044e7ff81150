package org.longrope.eval;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Lists of numbers as base64 text of their little-endian bytes, four bytes a number. */
public final class PackedNumbers {
  private PackedNumbers() {}

  /** Returns the little-endian bytes of whole numbers. */
  public static byte[] bytes(int[] numbers) {
    ByteBuffer bytes = buffer(numbers.length);
    bytes.asIntBuffer().put(numbers);
    return bytes.array();
  }

  /** Prints whole numbers. */
  public static String ofInts(int[] numbers) {
    return Base64.getEncoder().encodeToString(bytes(numbers));
  }

  /** Prints float32 numbers with all their bits. */
  public static String ofFloats(List<Float> numbers) {
    ByteBuffer bytes = buffer(numbers.size());
    numbers.forEach(bytes::putFloat);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /**
   * Reads what {@link #ofInts} printed.
   *
   * @throws IllegalArgumentException if the text is not base64 of whole numbers
   */
  public static int[] ints(String text) {
    ByteBuffer bytes = read(text);
    int[] numbers = new int[bytes.remaining() / Integer.BYTES];
    bytes.asIntBuffer().get(numbers);
    return numbers;
  }

  /**
   * Reads what {@link #ofFloats} printed.
   *
   * @throws IllegalArgumentException if the text is not base64 of float32 numbers
   */
  public static List<Float> floats(String text) {
    ByteBuffer bytes = read(text);
    List<Float> numbers = new ArrayList<>(bytes.remaining() / Float.BYTES);
    while (bytes.hasRemaining()) {
      numbers.add(bytes.getFloat());
    }
    return numbers;
  }

  private static ByteBuffer buffer(int numbers) {
    return ByteBuffer.allocate(Math.multiplyExact(numbers, Integer.BYTES))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer read(String text) {
    byte[] bytes = Base64.getDecoder().decode(text);
    if (bytes.length % Integer.BYTES != 0) {
      throw new IllegalArgumentException(
          "Cannot read numbers of four bytes from " + bytes.length + " bytes");
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
