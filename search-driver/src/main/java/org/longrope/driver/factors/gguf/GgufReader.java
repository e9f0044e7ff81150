package org.longrope.driver.factors.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.gguf.GgufFile.Entry;
import org.longrope.driver.factors.gguf.GgufFile.Tensor;
import org.longrope.eval.BadInputException;

/** Reader of a file's structure. It passes over long values and tensors without reading them. */
final class GgufReader {
  private static final int MOST_DIMENSIONS = 4;
  private static final int MOST_NESTING = 4;
  private static final int MOST_NAME_BYTES = 1 << 16;
  private static final int MOST_ALIGNMENT = 1 << 20;

  /** Texts above are kept in the file; the longest that is read here is a summary in JSON. */
  private static final int MOST_TEXT_BYTES = 1 << 16;

  /** Least bytes of a key with a value, and of a tensor's description. */
  private static final int LEAST_ENTRY = 8 + 4 + 1;

  private static final int LEAST_DESCRIPTION = 8 + 4 + 8 + 4 + 8;

  private final Path path;
  private final GgufInput in;

  private GgufReader(Path path, GgufInput in) {
    this.path = path;
    this.in = in;
  }

  static GgufFile read(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return new GgufReader(path, new GgufInput(path, channel)).read();
    } catch (NoSuchFileException e) {
      throw new BadInputException(
          "Cannot read " + path + ": no such file; check the path (--gguf).", e);
    } catch (IOException e) {
      throw new BadInputException("Cannot read " + path + ": " + e, e);
    }
  }

  private GgufFile read() throws IOException {
    byte[] magic = new byte[GgufWriter.MAGIC.length];
    in.next(magic.length, "the magic").get(magic);
    if (!Arrays.equals(magic, GgufWriter.MAGIC)) {
      throw in.damaged("it does not begin with GGUF");
    }
    int version = version();
    long tensorCount = in.count("the number of tensors");
    long keyCount = in.count("the number of keys");
    long room = in.size() - in.position();
    // Each is at most the size of the file, so that the products do not overflow for real files.
    if (keyCount > room / LEAST_ENTRY || tensorCount > room / LEAST_DESCRIPTION) {
      throw in.damaged(
          "%d keys and %d tensors are more than its %d bytes can hold",
          keyCount, tensorCount, in.size());
    }
    Map<String, Entry> metadata = new LinkedHashMap<>();
    for (long i = 0; i < keyCount; i++) {
      Entry entry = entry();
      if (metadata.put(entry.key(), entry) != null) {
        throw in.damaged("the key %s is in it twice", entry.key());
      }
    }
    int alignment = alignment(metadata.get(GgufFile.ALIGNMENT_KEY));
    List<Tensor> described = new ArrayList<>();
    for (long i = 0; i < tensorCount; i++) {
      described.add(description(alignment));
    }
    long begin = LittleEndian.padded(in.position(), alignment);
    List<Tensor> tensors = described.stream().map(tensor -> placed(tensor, begin)).toList();
    requireApart(tensors);
    return new GgufFile(path, version, alignment, metadata, tensors);
  }

  private int version() throws IOException {
    long version = in.uint32("the version");
    if (version != 0 && (version & 0xFFFF) == 0) {
      throw in.damaged("its numbers are big-endian");
    }
    if (version != 2 && version != 3) {
      throw in.damaged("it is of version %d", version);
    }
    return (int) version;
  }

  private Entry entry() throws IOException {
    long from = in.position();
    String key = in.string(MOST_NAME_BYTES, "a key");
    Object value = value(type(key), key, 0);
    return new Entry(key, from, in.position(), value);
  }

  private ValueType type(String key) throws IOException {
    long number = in.uint32("the type of " + key);
    ValueType type = ValueType.of(number);
    if (type == null) {
      throw in.damaged("the value of %s has the unknown type %d", key, number);
    }
    return type;
  }

  /** Reads a short value, or passes over it. */
  private @Nullable Object value(ValueType type, String key, int depth) throws IOException {
    if (type == ValueType.ARRAY) {
      list(key, depth);
      return null;
    }
    if (type == ValueType.STRING) {
      return text(key);
    }
    ByteBuffer bytes = in.next(type.bytes(), key);
    return switch (type) {
      case UINT8 -> (long) Byte.toUnsignedInt(bytes.get());
      case INT8 -> (long) bytes.get();
      case UINT16 -> (long) Short.toUnsignedInt(bytes.getShort());
      case INT16 -> (long) bytes.getShort();
      case UINT32 -> Integer.toUnsignedLong(bytes.getInt());
      case INT32 -> (long) bytes.getInt();
      case UINT64, INT64 -> bytes.getLong();
      case FLOAT32 -> (double) bytes.getFloat();
      case FLOAT64 -> bytes.getDouble();
      case BOOL -> bytes.get() != 0;
      case STRING, ARRAY -> throw new IllegalStateException("read before");
    };
  }

  private @Nullable String text(String key) throws IOException {
    long length = in.count("the length of " + key);
    if (length > MOST_TEXT_BYTES) {
      in.skip(length, key);
      return null;
    }
    byte[] bytes = new byte[(int) length];
    in.next(bytes.length, key).get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private void list(String key, int depth) throws IOException {
    if (depth == MOST_NESTING) {
      throw in.damaged("the lists of %s are nested more than %d times", key, MOST_NESTING);
    }
    ValueType type = type(key);
    long count = in.count("the length of " + key);
    if (type.bytes() > 0) {
      in.skip(Math.multiplyExact(count, type.bytes()), key);
      return;
    }
    for (long i = 0; i < count; i++) {
      if (type == ValueType.STRING) {
        in.skip(in.count("the length of a text of " + key), key);
      } else {
        list(key, depth + 1);
      }
    }
  }

  private int alignment(@Nullable Entry entry) {
    if (entry == null) {
      return GgufWriter.ALIGNMENT;
    }
    if (entry.value() instanceof Long value
        && value > 0
        && value <= MOST_ALIGNMENT
        && Long.bitCount(value) == 1) {
      return Math.toIntExact(value);
    }
    throw in.damaged(
        "%s is %s, and not a power of two up to %d",
        entry.key(), String.valueOf(entry.value()), MOST_ALIGNMENT);
  }

  /** Reads a description; its position counts from where the tensors begin. */
  private Tensor description(int alignment) throws IOException {
    String name = in.string(MOST_NAME_BYTES, "a tensor's name");
    long count = in.uint32("the dimensions of " + name);
    if (count < 1 || count > MOST_DIMENSIONS) {
      throw in.damaged("tensor %s has %d dimensions, not 1 to %d", name, count, MOST_DIMENSIONS);
    }
    List<Long> dimensions = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      dimensions.add(in.next(Long.BYTES, "the dimensions of " + name).getLong());
    }
    long number = in.uint32("the type of " + name);
    GgmlType type = GgmlType.of(number);
    if (type == null) {
      throw in.damaged("tensor %s has elements of the unknown type %d", name, number);
    }
    long offset = in.count("the offset of " + name);
    if (offset % alignment != 0) {
      throw in.damaged(
          "tensor %s begins at offset %d, which is no multiple of %d", name, offset, alignment);
    }
    return new Tensor(name, dimensions, type, offset);
  }

  private Tensor placed(Tensor tensor, long begin) {
    boolean good = tensor.dimensions().stream().allMatch(n -> n > 0);
    long end = -1;
    try {
      good &= tensor.dimensions().get(0) % tensor.type().blockElements() == 0;
      end = Math.addExact(Math.addExact(begin, tensor.from()), tensor.bytes());
    } catch (ArithmeticException e) {
      good = false;
    }
    if (!good) {
      throw in.damaged(
          "tensor %s cannot have the shape %s in %s",
          tensor.name(), tensor.dimensions(), tensor.type());
    }
    if (end > in.size()) {
      throw in.damaged(
          "tensor %s ends at byte %d, and the file has %d bytes", tensor.name(), end, in.size());
    }
    return new Tensor(tensor.name(), tensor.dimensions(), tensor.type(), begin + tensor.from());
  }

  private void requireApart(List<Tensor> tensors) {
    List<Tensor> sorted = tensors.stream().sorted(Comparator.comparingLong(Tensor::from)).toList();
    for (int i = 1; i < sorted.size(); i++) {
      Tensor before = sorted.get(i - 1);
      if (before.from() + before.bytes() > sorted.get(i).from()) {
        throw in.damaged("the tensors %s and %s overlap", before.name(), sorted.get(i).name());
      }
    }
    if (tensors.stream().map(Tensor::name).distinct().count() < tensors.size()) {
      throw in.damaged("two tensors have the same name");
    }
  }
}
