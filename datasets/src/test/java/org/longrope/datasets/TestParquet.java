package org.longrope.datasets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;

/** Parquet files as others publish them. */
final class TestParquet {
  /** Layouts in which programs write a list of ids. */
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

  private static final MessageType TEXT =
      MessageTypeParser.parseMessageType("message m { optional binary text (STRING); }");

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
                + " publication_date; optional binary url (STRING); optional binary text (STRING);"
                + " }");
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

  /** Writes a column of texts, in which null is a missing value. */
  static void texts(Path file, String column, @Nullable String... texts) {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message m { optional int64 id; optional binary " + column + " (STRING); }");
    write(
        file,
        schema,
        texts.length,
        (row, i) -> {
          if (texts[i] != null) {
            row.add(column, texts[i]);
          }
        });
  }

  /** Writes a column {@code text} of any bytes. */
  static void bytes(Path file, byte[]... texts) {
    write(
        file,
        TEXT,
        texts.length,
        (row, i) -> row.add("text", Binary.fromConstantByteArray(texts[i])));
  }

  /** Writes one text, compressed. */
  static void compressed(Path file, String codec) {
    write(
        file,
        TEXT,
        1,
        (row, i) -> row.add("text", "one"),
        CompressionCodecName.valueOf(codec),
        null);
  }

  /** Writes a file whose metadata names Brotli, by a codec that leaves bytes unchanged. */
  static void brotli(Path file) {
    CompressionCodecFactory codecs =
        new CompressionCodecFactory() {
          @Override
          public BytesInputCompressor getCompressor(CompressionCodecName codec) {
            return new BytesInputCompressor() {
              @Override
              public BytesInput compress(BytesInput bytes) {
                return bytes;
              }

              @Override
              public CompressionCodecName getCodecName() {
                return codec;
              }

              @Override
              public void release() {}
            };
          }

          @Override
          public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void release() {}
        };
    write(file, TEXT, 1, (row, i) -> row.add("text", "one"), CompressionCodecName.BROTLI, codecs);
  }

  private static void write(
      Path file, MessageType schema, int rows, BiConsumer<Group, Integer> fill) {
    write(file, schema, rows, fill, CompressionCodecName.SNAPPY, null);
  }

  private static void write(
      Path file,
      MessageType schema,
      int rows,
      BiConsumer<Group, Integer> fill,
      CompressionCodecName codec,
      @Nullable CompressionCodecFactory codecs) {
    file.getParent().toFile().mkdirs();
    ExampleParquetWriter.Builder builder =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withType(schema)
            .withCompressionCodec(codec)
            .withRowGroupRowCountLimit(3);
    if (codecs != null) {
      builder.withCodecFactory(codecs);
    }
    try (ParquetWriter<Group> writer = builder.build()) {
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
