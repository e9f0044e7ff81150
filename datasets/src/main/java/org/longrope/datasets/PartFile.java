package org.longrope.datasets;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.Sha256;

/**
 * A Parquet file of documents. Tokens are one binary value of little-endian int32, which reads 3–4
 * times faster than a list of integers. Every page holds one row, so that with the column index of
 * {@code position} a reader decodes only the document it wants.
 */
final class PartFile {
  private static final MessageType SCHEMA =
      Types.buildMessage()
          .required(INT32)
          .named("position")
          .required(BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named("id")
          .required(BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named("title")
          .required(INT32)
          .named("token_count")
          .required(BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named("sha256")
          .required(BINARY)
          .named("tokens")
          .named("document");
  private static final MessageType HEAD_SCHEMA =
      new MessageType(
          SCHEMA.getName(),
          SCHEMA.getFields().stream().filter(f -> !f.getName().equals("tokens")).toList());

  private PartFile() {}

  /** Columns of a stored document without its tokens. */
  record Head(DocumentDescriptor document, String sha256) {}

  /** Returns the SHA-256 over a document's id, title and ids. */
  static String hash(String id, String title, ByteBuffer tokens) {
    return new Sha256().add(id).add(title).add(tokens.duplicate()).hex();
  }

  /** Writer of documents in the order of their positions. */
  static final class Writer implements Closeable {
    private final ParquetWriter<Group> writer;

    Writer(Path file, Configuration configuration) throws IOException {
      writer =
          ExampleParquetWriter.builder(HadoopOutputFile.fromPath(file, configuration))
              .withType(SCHEMA)
              .withConf(configuration)
              .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
              .withCompressionCodec(CompressionCodecName.ZSTD)
              .withDictionaryEncoding(false)
              // Minimum and maximum of a token column would be whole documents in the footer.
              .withStatisticsEnabled("tokens", false)
              .withPageRowCountLimit(1)
              .build();
    }

    /** Returns the document's {@link #hash}. */
    String add(int position, String id, String title, int[] tokens) throws IOException {
      ByteBuffer bytes =
          ByteBuffer.allocate(Math.multiplyExact(tokens.length, Integer.BYTES))
              .order(ByteOrder.LITTLE_ENDIAN);
      bytes.asIntBuffer().put(tokens);
      String hash = hash(id, title, bytes);
      Group row = new SimpleGroup(SCHEMA);
      row.add("position", position);
      row.add("id", id);
      row.add("title", title);
      row.add("token_count", tokens.length);
      row.add("sha256", hash);
      row.add("tokens", Binary.fromConstantByteBuffer(bytes));
      writer.write(row);
      return hash;
    }

    @Override
    public void close() throws IOException {
      writer.close();
    }
  }

  /** Returns the stored documents of a file, without decoding tokens. */
  static List<Head> heads(Path file, Configuration configuration) throws IOException {
    Configuration projected = new Configuration(configuration);
    projected.set(ReadSupport.PARQUET_READ_SCHEMA, HEAD_SCHEMA.toString());
    List<Head> heads = new ArrayList<>();
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), file).withConf(projected).build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        heads.add(head(row));
      }
    }
    return heads;
  }

  /**
   * Returns the token ids of the document at a position of the partition.
   *
   * @throws IOException if the file has no such document or its hash is another
   */
  static int[] tokens(Path file, Head wanted, Configuration configuration) throws IOException {
    FilterCompat.Filter filter =
        FilterCompat.get(
            FilterApi.eq(FilterApi.intColumn("position"), wanted.document().position()));
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), file)
            .withConf(configuration)
            .withFilter(filter)
            .build()) {
      return checkedTokens(reader.read(), wanted);
    }
  }

  /**
   * Reads the token ids of all documents of a file, one after the other.
   *
   * @param wanted heads that {@link #heads} returned for the file
   */
  static void forEach(
      Path file,
      List<Head> wanted,
      Configuration configuration,
      BiConsumer<DocumentDescriptor, int[]> documents)
      throws IOException {
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), file).withConf(configuration).build()) {
      for (Head head : wanted) {
        documents.accept(head.document(), checkedTokens(reader.read(), head));
      }
    }
  }

  private static int[] checkedTokens(@Nullable Group row, Head wanted) throws IOException {
    if (row == null) {
      throw new IOException("document " + wanted.document().id() + " is missing");
    }
    ByteBuffer bytes = row.getBinary("tokens", 0).toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    String hash = hash(wanted.document().id(), wanted.document().title(), bytes);
    if (!hash.equals(wanted.sha256())
        || bytes.remaining() != wanted.document().tokenCount() * Integer.BYTES) {
      throw new IOException("document " + wanted.document().id() + " has another content");
    }
    int[] tokens = new int[bytes.remaining() / Integer.BYTES];
    bytes.asIntBuffer().get(tokens);
    return tokens;
  }

  private static Head head(Group row) {
    DocumentDescriptor document =
        new DocumentDescriptor(
            row.getString("id", 0),
            row.getString("title", 0),
            row.getInteger("token_count", 0),
            row.getInteger("position", 0));
    return new Head(document, row.getString("sha256", 0));
  }
}
