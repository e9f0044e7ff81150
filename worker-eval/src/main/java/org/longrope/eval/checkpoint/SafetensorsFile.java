package org.longrope.eval.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.longrope.eval.BadInputException;
import org.longrope.eval.StrictJson;

/**
 * The header of one safetensors file: eight bytes of length (little-endian), a JSON object from
 * tensor names to type, shape and byte range, then the data. Every byte of the data must belong to
 * exactly one tensor, as the reference implementation demands (github.com/huggingface/safetensors).
 */
public final class SafetensorsFile {
  private static final String METADATA = "__metadata__";
  private static final int PREFIX_BYTES = Long.BYTES;

  /** Bits per element of every type of the format; only those of {@link DType} can be weights. */
  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("F4", 4),
          Map.entry("F6_E2M3", 6),
          Map.entry("F6_E3M2", 6),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("BOOL", 8),
          Map.entry("U8", 8),
          Map.entry("I8", 8),
          Map.entry("U16", 16),
          Map.entry("I16", 16),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("U32", 32),
          Map.entry("I32", 32),
          Map.entry("F32", 32),
          Map.entry("U64", 64),
          Map.entry("I64", 64),
          Map.entry("F64", 64),
          Map.entry("C64", 64));

  /** One entry of the header; begin and end count from the first byte after the header. */
  private record Entry(String name, String dtype, List<Long> shape, long begin, long end) {}

  private final Path path;
  private final Map<String, Entry> entries = new TreeMap<>();
  private final Map<String, String> metadata = new TreeMap<>();
  private long dataStart;
  private long dataBytes;

  private SafetensorsFile(Path path) {
    this.path = path;
  }

  /**
   * Reads and checks the header of a file.
   *
   * @throws BadInputException if the header does not describe the file exactly
   */
  public static SafetensorsFile open(Path path) {
    SafetensorsFile file = new SafetensorsFile(path);
    ObjectNode header = file.readHeader();
    header
        .properties()
        .forEach(
            field -> {
              if (field.getKey().equals(METADATA)) {
                field
                    .getValue()
                    .properties()
                    .forEach(entry -> file.metadata.put(entry.getKey(), entry.getValue().asText()));
              } else {
                file.entries.put(field.getKey(), file.entry(field.getKey(), field.getValue()));
              }
            });
    file.checkRanges();
    return file;
  }

  /** Returns the free texts of the header. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  Path path() {
    return path;
  }

  /** Returns the names of all tensors. */
  public Set<String> names() {
    return entries.keySet();
  }

  boolean contains(String name) {
    return entries.containsKey(name);
  }

  /** Returns the type of an existing tensor, as written in the header. */
  String dtype(String name) {
    return entry(name).dtype();
  }

  /**
   * Returns a view of a tensor.
   *
   * @throws BadInputException if the tensor's elements are not F32, F16 or BF16
   */
  public TensorView view(String name) {
    Entry entry = entry(name);
    DType dtype = DType.named(entry.dtype());
    if (dtype == null) {
      throw damaged(
          name,
          "has elements of type %s: expected F32, F16 or BF16; convert the checkpoint",
          entry.dtype());
    }
    return new TensorView(name, dtype, entry.shape(), path, dataStart + entry.begin());
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("No tensor " + name + " in " + path);
    }
    return entry;
  }

  private ObjectNode readHeader() {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < PREFIX_BYTES) {
        throw BadInputException.of(
            "%s is truncated, it has %d bytes: expected a safetensors file; fetch it again.",
            path, size);
      }
      long length = read(channel, 0, PREFIX_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length < 0 || length > StrictJson.MAX_BYTES) {
        throw BadInputException.of(
            "%s is not a safetensors file, its header would have %s bytes: expected at most %d;"
                + " fetch it again (a Git LFS pointer is not the file).",
            path, Long.toUnsignedString(length), StrictJson.MAX_BYTES);
      }
      if (length > size - PREFIX_BYTES) {
        throw BadInputException.of(
            "%s is truncated, its header has %d bytes but the file only %d: fetch it again.",
            path, length, size);
      }
      dataStart = PREFIX_BYTES + length;
      dataBytes = size - dataStart;
      byte[] header = read(channel, PREFIX_BYTES, (int) length).array();
      return StrictJson.parseObject(header, "the header of " + path);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + path, e);
    }
  }

  private ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw BadInputException.of("%s became shorter while it was read: fetch it again.", path);
      }
    }
    return buffer.flip();
  }

  private Entry entry(String name, JsonNode node) {
    JsonNode dtype = node.path("dtype");
    Integer bits = BITS.get(dtype.asText());
    if (!dtype.isTextual() || bits == null) {
      throw damaged(
          name,
          "has the unknown element type %s: expected F32, F16 or BF16",
          StrictJson.brief(dtype));
    }
    List<Long> shape = wholeNumbers(name, node, "shape");
    List<Long> range = wholeNumbers(name, node, "data_offsets");
    if (range.size() != 2 || range.get(0) > range.get(1)) {
      throw damaged(name, "has data_offsets %s: expected a begin and an end after it", range);
    }
    long begin = range.get(0);
    long end = range.get(1);
    if (end > dataBytes) {
      throw damaged(
          name,
          "ends at byte %d of the data but the file has only %d: it is truncated, fetch it again",
          end,
          dataBytes);
    }
    if (bits(shape, bits) != 8 * (end - begin)) {
      throw damaged(
          name,
          "has %d bytes, which does not fit its shape %s of %s: fetch the file again",
          end - begin,
          shape,
          dtype.asText());
    }
    return new Entry(name, dtype.asText(), shape, begin, end);
  }

  /** Returns the bits of a tensor, or −1 where they are more than a long can count. */
  private static long bits(List<Long> shape, int bitsPerElement) {
    try {
      return Math.multiplyExact(
          shape.stream().reduce(1L, Math::multiplyExact), (long) bitsPerElement);
    } catch (ArithmeticException e) {
      return -1;
    }
  }

  private List<Long> wholeNumbers(String name, JsonNode entry, String field) {
    JsonNode array = entry.path(field);
    List<Long> numbers = new ArrayList<>();
    for (JsonNode element : array) {
      numbers.add(element.isIntegralNumber() && element.canConvertToLong() ? element.asLong() : -1);
    }
    if (!array.isArray() || numbers.stream().anyMatch(number -> number < 0)) {
      throw damaged(
          name,
          "has %s %s: expected a list of whole numbers from 0; fetch the file again",
          field,
          StrictJson.brief(array));
    }
    return numbers;
  }

  private void checkRanges() {
    List<Entry> inOrder = new ArrayList<>(entries.values());
    inOrder.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long covered = 0;
    for (Entry entry : inOrder) {
      if (entry.begin() != covered) {
        throw damaged(
            entry.name(),
            "begins at byte %d of the data, %s the end of the one before it at %d: fetch the file"
                + " again",
            entry.begin(),
            entry.begin() < covered ? "overlapping" : "after a hole behind",
            covered);
      }
      covered = entry.end();
    }
    if (covered != dataBytes) {
      throw BadInputException.of(
          "%s has %d bytes of data but its header describes %d: fetch the file again.",
          path, dataBytes, covered);
    }
  }

  /** Returns the error "Tensor 'name' in file …"; the cause is the rest of the sentence. */
  @FormatMethod
  private BadInputException damaged(String name, @FormatString String cause, Object... arguments) {
    return BadInputException.of(
        "Tensor '%s' in %s %s.", name, path, String.format(cause, arguments));
  }
}
