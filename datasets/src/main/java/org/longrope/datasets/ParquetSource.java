package org.longrope.datasets;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * Rows of foreign Parquet files, with a column of texts or of token ids.
 *
 * <p>Columns are read below the record level, by repetition and definition levels: every way to
 * write a list (three levels with any names, two levels, a bare repeated field) is then one leaf
 * column, and a row of two million ids costs an int array instead of as many objects.
 */
final class ParquetSource implements DocumentSource {
  private static final String IDS_EXPECTED = "; expected ids from 0 to 2147483647";

  private final InputFile file;
  private final ReadSettings settings;
  private final ParquetFileReader reader;
  private final FileMetaData meta;
  private final ColumnDescriptor content;
  private final @Nullable ColumnDescriptor idColumn;
  private final @Nullable ColumnDescriptor titleColumn;
  private Columns columns = new Columns(null, null, null);
  private long rowsLeft;
  private int row = -1;

  /**
   * Fault of the present row, null if it has none. Its other columns are read on, to keep them in
   * step.
   */
  private @Nullable String fault;

  /** The readers of the present row group. */
  private record Columns(
      @Nullable ColumnReader content, @Nullable ColumnReader id, @Nullable ColumnReader title) {}

  ParquetSource(InputFile file, ReadSettings settings, Configuration configuration)
      throws IOException {
    this.file = file;
    this.settings = settings;
    reader = open(configuration);
    try {
      meta = reader.getFileMetaData();
      MessageType schema = meta.getSchema();
      content = file.format() == SourceFormat.TOKENS ? idsColumn(schema) : textColumn(schema);
      idColumn = other(flat(schema, "id"));
      titleColumn = other(flat(schema, "title", "short_book_title"));
      List<ColumnDescriptor> wanted = new ArrayList<>(List.of(content));
      for (ColumnDescriptor column : Arrays.asList(idColumn, titleColumn)) {
        if (column != null) {
          wanted.add(column);
        }
      }
      requireCodecs(wanted, configuration);
      reader.setRequestedSchema(wanted);
    } catch (RuntimeException e) {
      reader.close();
      throw e instanceof BadInputException ? e : damaged(e);
    }
  }

  private ParquetFileReader open(Configuration configuration) throws IOException {
    try {
      return ParquetFileReader.open(
          HadoopInputFile.fromPath(file.path(), configuration),
          HadoopReadOptions.builder(configuration).usePageChecksumVerification().build());
    } catch (RuntimeException e) {
      FileKind kind = FileKind.of(file.path(), configuration);
      throw kind == null || kind == FileKind.PARQUET ? damaged(e) : kind.rejected(file.location());
    }
  }

  /** Rejects codecs without a library: some codecs of Parquet are libraries of their own. */
  private void requireCodecs(List<ColumnDescriptor> wanted, Configuration configuration) {
    for (BlockMetaData block : reader.getFooter().getBlocks()) {
      for (ColumnChunkMetaData chunk : block.getColumns()) {
        CompressionCodecName codec = chunk.getCodec();
        String type = codec.getHadoopCompressionCodecClassName();
        boolean read = wanted.stream().anyMatch(c -> chunk.getPath().equals(path(c)));
        if (read && type != null && configuration.getClassByNameOrNull(type) == null) {
          throw BadInputException.of(
              "%s is compressed with %s, which this program has no library for: expected zstd,"
                  + " snappy, gzip, lz4 or none; write it again, in Python by"
                  + " pyarrow.parquet.write_table(…, compression=\"zstd\").",
              file.location(), codec.name().toLowerCase(Locale.ROOT));
        }
      }
    }
  }

  private static ColumnPath path(ColumnDescriptor column) {
    return ColumnPath.get(column.getPath());
  }

  @Override
  public @Nullable SourceRow next() throws IOException {
    try {
      while (true) {
        while (rowsLeft == 0) {
          if (!nextRowGroup()) {
            return null;
          }
        }
        rowsLeft--;
        row++;
        fault = null;
        boolean wanted = file.hasRow(row);
        String id = columns.id == null ? null : string(columns.id, wanted);
        String title = columns.title == null ? null : string(columns.title, wanted);
        ColumnReader values = Objects.requireNonNull(columns.content);
        boolean ids = file.format() == SourceFormat.TOKENS;
        int[] tokens = ids ? tokens(values, wanted) : null;
        String text = ids ? null : string(values, wanted);
        if (wanted) {
          return fault == null
              ? new SourceDocument(row, id, title, text, tokens)
              : new SourceRow.Bad(row, fault);
        }
      }
    } catch (RuntimeException | IOException e) {
      throw damaged(e);
    }
  }

  private boolean nextRowGroup() throws IOException {
    PageReadStore pages = reader.readNextRowGroup();
    if (pages == null) {
      return false;
    }
    rowsLeft = pages.getRowCount();
    MessageType schema = meta.getSchema();
    ColumnReadStoreImpl store =
        new ColumnReadStoreImpl(pages, new NoRecords(schema), schema, meta.getCreatedBy());
    columns =
        new Columns(
            store.getColumnReader(content),
            idColumn == null ? null : store.getColumnReader(idColumn),
            titleColumn == null ? null : store.getColumnReader(titleColumn));
    return true;
  }

  private @Nullable String string(ColumnReader values, boolean wanted) {
    String result = null;
    ColumnDescriptor column = values.getDescriptor();
    if (values.getCurrentDefinitionLevel() < column.getMaxDefinitionLevel()) {
      result = null;
    } else if (!wanted) {
      values.skip();
    } else {
      result =
          switch (column.getPrimitiveType().getPrimitiveTypeName()) {
            case INT32 -> Integer.toString(values.getInteger());
            case INT64 -> Long.toString(values.getLong());
            default -> utf8(values.getBinary().getBytes());
          };
    }
    values.consume();
    return result;
  }

  private @Nullable String utf8(byte[] bytes) {
    try {
      return InputStreams.utf8(bytes);
    } catch (CharacterCodingException e) {
      fault("is not UTF-8 text");
      return null;
    }
  }

  private int[] tokens(ColumnReader values, boolean wanted) {
    int[] ids = new int[1024];
    int count = 0;
    boolean wide = content.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT64;
    int present = content.getMaxDefinitionLevel();
    int listed = elementLevel();
    do {
      if (values.getCurrentDefinitionLevel() == present && !wanted) {
        values.skip();
      } else if (values.getCurrentDefinitionLevel() == present) {
        long id = wide ? values.getLong() : values.getInteger();
        if (id < 0 || id > Integer.MAX_VALUE) {
          fault("has " + id + " in " + settings.idsField() + IDS_EXPECTED);
        }
        if (count == ids.length) {
          ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = (int) id;
      } else if (wanted && values.getCurrentDefinitionLevel() >= listed) {
        fault("has a null in " + settings.idsField() + IDS_EXPECTED);
      }
      values.consume();
    } while (values.getCurrentRepetitionLevel() > 0);
    return Arrays.copyOf(ids, count);
  }

  /** Returns the least definition level at which the list has an element. */
  private int elementLevel() {
    String[] path = content.getPath();
    for (int depth = 1; depth <= path.length; depth++) {
      String[] prefix = Arrays.copyOf(path, depth);
      if (meta.getSchema().getType(prefix).isRepetition(Type.Repetition.REPEATED)) {
        return meta.getSchema().getMaxDefinitionLevel(prefix);
      }
    }
    throw new IllegalStateException("A list column has a repeated field");
  }

  private ColumnDescriptor idsColumn(MessageType schema) {
    List<ColumnDescriptor> leaves =
        schema.getColumns().stream()
            .filter(c -> c.getPath()[0].equals(settings.idsField()))
            .toList();
    if (leaves.size() == 1 && leaves.get(0).getMaxRepetitionLevel() == 1) {
      PrimitiveTypeName type = leaves.get(0).getPrimitiveType().getPrimitiveTypeName();
      if (type == PrimitiveTypeName.INT32 || type == PrimitiveTypeName.INT64) {
        return leaves.get(0);
      }
    }
    throw BadInputException.of(
        "%s has no column \"%s\" of integer lists: expected tokenised documents; its columns are"
            + " %s, name the right one by --ids-field.",
        file.location(), settings.idsField(), names(schema));
  }

  private ColumnDescriptor textColumn(MessageType schema) {
    ColumnDescriptor column = flat(schema, settings.textField());
    if (column == null
        || column.getPrimitiveType().getPrimitiveTypeName() != PrimitiveTypeName.BINARY) {
      throw BadInputException.of(
          "%s has no string column \"%s\": expected the documents' text there; its columns are %s,"
              + " name the right one by --text-field.",
          file.location(), settings.textField(), names(schema));
    }
    return column;
  }

  /** Returns the column, unless it is the content itself: a column has one reader. */
  private @Nullable ColumnDescriptor other(@Nullable ColumnDescriptor column) {
    return content.equals(column) ? null : column;
  }

  private static @Nullable ColumnDescriptor flat(MessageType schema, String... names) {
    for (String name : names) {
      if (schema.containsField(name) && schema.getType(name).isPrimitive()) {
        ColumnDescriptor column = schema.getColumnDescription(new String[] {name});
        PrimitiveTypeName type = column.getPrimitiveType().getPrimitiveTypeName();
        boolean readable =
            type == PrimitiveTypeName.BINARY
                || type == PrimitiveTypeName.INT32
                || type == PrimitiveTypeName.INT64;
        if (readable && column.getMaxRepetitionLevel() == 0) {
          return column;
        }
      }
    }
    return null;
  }

  private static String names(MessageType schema) {
    return FieldNames.list(schema.getFields().stream().map(Type::getName).toList());
  }

  private void fault(String what) {
    if (fault == null) {
      fault = String.format("Row %d of %s %s.", row, file.location(), what);
    }
  }

  private BadInputException damaged(Exception cause) {
    String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    return new BadInputException(
        String.format(
            "Cannot read %s (%s): expected a whole Parquet file.", file.location(), reason),
        cause);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
