package org.longrope.datasets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Parquet files as others publish them. */
final class TestParquet {
  /** The ways in which writers lay a list of ids out. */
  static final Map<String, String> LIST_LAYOUTS =
      Map.of(
          "huggingface",
          "optional group input_ids (LIST) { repeated group list { optional int32 element; } }",
          "arrow64",
          "optional group input_ids (LIST) { repeated group list { optional int64 item; } }",
          "spark",
          "required group input_ids (LIST) { repeated group bag { required int64 array; } }",
          "twolevel",
          "optional group input_ids (LIST) { repeated int32 array; }",
          "bare",
          "repeated int64 input_ids;");

  private TestParquet() {}

  static void tokens(Path file, String layout, List<int[]> documents) {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message m { optional int64 attention; " + LIST_LAYOUTS.get(layout) + " }");
    boolean wide = LIST_LAYOUTS.get(layout).contains("int64");
    write(
        file,
        schema,
        documents.size(),
        (row, i) -> {
          int[] ids = documents.get(i);
          boolean group = !schema.getType("input_ids").isPrimitive();
          Group list = group ? row.addGroup("input_ids") : row;
          for (int id : ids) {
            Group holder = list;
            int field = group ? 0 : schema.getFieldIndex("input_ids");
            if (group && !list.getType().getType(0).isPrimitive()) {
              holder = list.addGroup(0);
            }
            if (wide) {
              holder.add(field, (long) id);
            } else {
              holder.add(field, id);
            }
          }
        });
  }

  static void books(Path file, int count) {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message m { optional binary short_book_title (STRING); optional int32"
                + " publication_date; optional binary url (STRING); optional binary text (STRING); }");
    write(
        file,
        schema,
        count,
        (row, i) -> {
          row.add("short_book_title", "Title " + i);
          row.add("publication_date", 1900 + i);
          row.add("text", "text " + i);
        });
  }

  private static void write(
      Path file, MessageType schema, int rows, BiConsumer<Group, Integer> fill) {
    file.getParent().toFile().mkdirs();
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withType(schema)
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .withRowGroupRowCountLimit(3)
            .build()) {
      for (int i = 0; i < rows; i++) {
        Group row = new SimpleGroup(schema);
        fill.accept(row, i);
        writer.write(row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
