package org.longrope.datasets;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** Kinds of file that another format reads, or none, recognised by their first bytes. */
enum FileKind {
  PARQUET("Parquet", "read it with --format parquet, or tokens"),
  ZIP("a zip archive", "read it with --format archive, or unpack it"),
  /** Files of Feather, and streams as {@code Dataset.save_to_disk} of Hugging Face writes them. */
  ARROW(
      "Arrow data",
      "convert it in Python: datasets.Dataset.from_file(\"FILE\").to_parquet(\"data.parquet\")"),
  SEVEN_ZIP("a 7-Zip archive", "unpack it"),
  NUMPY("a NumPy array", "write the ids as JSON lines or Parquet");

  /** Bytes at the begin of a file that show its kind. */
  static final int MAGIC_BYTES = 8;

  private final String name;
  private final String remedy;

  FileKind(String name, String remedy) {
    this.name = name;
    this.remedy = remedy;
  }

  /**
   * Returns the kind, or null if it is none of these.
   *
   * @param begin the first {@link #MAGIC_BYTES} bytes, or all if there are fewer
   */
  static @Nullable FileKind of(byte[] begin) {
    if (startsWith(begin, 'P', 'A', 'R', '1')) {
      return PARQUET;
    }
    if (startsWith(begin, 'P', 'K', 3, 4)) {
      return ZIP;
    }
    // A stream begins with the length of its schema, 32 bits, little-endian.
    boolean stream = startsWith(begin, 0xff, 0xff, 0xff, 0xff) && begin.length > 7 && begin[7] == 0;
    if (stream || startsWith(begin, 'A', 'R', 'R', 'O', 'W', '1')) {
      return ARROW;
    }
    if (startsWith(begin, '7', 'z', 0xbc, 0xaf, 0x27, 0x1c)) {
      return SEVEN_ZIP;
    }
    return startsWith(begin, 0x93, 'N', 'U', 'M', 'P', 'Y') ? NUMPY : null;
  }

  static @Nullable FileKind of(Path file, Configuration configuration) throws IOException {
    try (InputStream stream = file.getFileSystem(configuration).open(file)) {
      return of(stream.readNBytes(MAGIC_BYTES));
    }
  }

  static boolean isArrowName(String fileName) {
    return fileName.endsWith(".arrow") || fileName.endsWith(".feather");
  }

  BadInputException rejected(String location) {
    return BadInputException.of(
        "%s is %s, which this --format does not read: %s.", location, name, remedy);
  }

  static boolean startsWith(byte[] bytes, int... prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
