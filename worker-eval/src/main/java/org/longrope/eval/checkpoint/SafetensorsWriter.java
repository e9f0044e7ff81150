package org.longrope.eval.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.longrope.eval.AtomicFile;

/**
 * Writer of safetensors files. Equal tensors give equal bytes in any order: wide elements first, so
 * that all are aligned, then by name, as the reference implementation does. The file appears whole
 * or not at all.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /**
   * One tensor to write.
   *
   * @param name in the header
   * @param dtype type of the elements
   * @param shape outermost dimension first
   * @param data its little-endian bytes in pieces, iterated once
   */
  public record Entry(String name, DType dtype, List<Long> shape, Iterable<ByteBuffer> data) {
    public Entry {
      shape = List.copyOf(shape);
    }

    long bytes() {
      return shape.stream().reduce((long) dtype.bytes(), Math::multiplyExact);
    }
  }

  /**
   * Writes beside the file and renames, so that a reader never sees half of it.
   *
   * @throws IllegalArgumentException if two tensors have one name, or the data of a tensor is not
   *     as long as its shape says
   */
  public static void write(Path file, Map<String, String> metadata, Collection<Entry> tensors)
      throws IOException {
    List<Entry> ordered = new ArrayList<>(tensors);
    ordered.sort(
        Comparator.comparingInt((Entry entry) -> -entry.dtype().bytes())
            .thenComparing(Entry::name));
    byte[] header = header(metadata, ordered);
    try (AtomicFile writer = AtomicFile.open(file)) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      writer.write(length.putLong(0, header.length));
      writer.write(ByteBuffer.wrap(header));
      for (Entry entry : ordered) {
        write(writer, entry);
      }
      writer.commit();
    }
  }

  private static void write(AtomicFile writer, Entry entry) throws IOException {
    long written = 0;
    for (ByteBuffer piece : entry.data()) {
      written += piece.remaining();
      writer.write(piece.duplicate());
    }
    if (written != entry.bytes()) {
      throw new IllegalArgumentException(
          "Cannot write "
              + written
              + " bytes as "
              + entry.name()
              + ": its shape "
              + entry.shape()
              + " of "
              + entry.dtype()
              + " has "
              + entry.bytes());
    }
  }

  private static byte[] header(Map<String, String> metadata, List<Entry> ordered)
      throws JsonProcessingException {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = header.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(node::put);
    }
    long offset = 0;
    for (Entry entry : ordered) {
      if (header.has(entry.name())) {
        throw new IllegalArgumentException("Cannot write two tensors as " + entry.name());
      }
      ObjectNode node = header.putObject(entry.name()).put("dtype", entry.dtype().name());
      entry.shape().forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(offset).add(offset + entry.bytes());
      offset += entry.bytes();
    }
    StringBuilder text = new StringBuilder(new JsonMapper().writeValueAsString(header));
    int bytes = text.toString().getBytes(StandardCharsets.UTF_8).length;
    text.append(" ".repeat(Math.floorMod(-bytes, ALIGNMENT)));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
