package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that rejected files are closed, and copies of them removed. */
class SourceLeaksTest {
  @TempDir private Path folder;
  private TestPreparation preparation;

  @BeforeEach
  void begin() {
    preparation = new TestPreparation(folder);
    Configuration hadoop = TestSpark.context().hadoopConfiguration();
    hadoop.setClass("fs.counting.impl", CountingFileSystem.class, FileSystem.class);
    CountingFileSystem.OPEN.set(0);
  }

  /** Local files under another scheme that counts the streams which are open. */
  public static final class CountingFileSystem extends RawLocalFileSystem {
    static final AtomicInteger OPEN = new AtomicInteger();

    /** True where copies end with an error. */
    static volatile boolean failing;

    @Override
    public void copyToLocalFile(
        boolean delete,
        org.apache.hadoop.fs.Path from,
        org.apache.hadoop.fs.Path to,
        boolean withoutChecksum)
        throws IOException {
      super.copyToLocalFile(delete, from, to, withoutChecksum);
      if (failing) {
        throw new IOException("connection reset");
      }
    }

    @Override
    public URI getUri() {
      return URI.create("counting:///");
    }

    @Override
    public String getScheme() {
      return "counting";
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path file, int bufferSize)
        throws IOException {
      FSDataInputStream stream = super.open(file, bufferSize);
      OPEN.incrementAndGet();
      return new FSDataInputStream(stream) {
        private boolean closed;

        @Override
        public void close() throws IOException {
          if (!closed) {
            closed = true;
            OPEN.decrementAndGet();
          }
          super.close();
        }
      };
    }
  }

  private String counting(String name) {
    return "counting://" + folder.resolve(name);
  }

  @Test
  void rejectedParquet_isClosed() throws IOException {
    TestParquet.books(folder.resolve("books.parquet"), 4);
    preparation.rejection("tokens", counting("books.parquet"));
    TestParquet.brotli(folder.resolve("brotli.parquet"));
    preparation.rejection("parquet", counting("brotli.parquet"));
    byte[] whole = Files.readAllBytes(folder.resolve("books.parquet"));
    preparation.write("cut.parquet", Arrays.copyOf(whole, whole.length - 9));
    preparation.rejection("parquet", counting("cut.parquet"));
    byte[] damaged = whole.clone();
    Arrays.fill(damaged, 10, 60, (byte) 0x55);
    preparation.write("damaged.parquet", damaged);
    preparation.rejection("parquet", counting("damaged.parquet"));
    assertThat(CountingFileSystem.OPEN).hasValue(0);
  }

  @Test
  void rejectedArchive_leavesNoCopy() throws IOException {
    String content = "not a zip at all, but " + folder;
    preparation.write("x.zip", content);
    preparation.rejection("archive", counting("x.zip"));
    CountingFileSystem.failing = true;
    try {
      preparation.rejection("archive", counting("x.zip"));
    } finally {
      CountingFileSystem.failing = false;
    }
    assertThat(copiesOf(content)).isEmpty();
    assertThat(CountingFileSystem.OPEN).hasValue(0);
  }

  @Test
  void rejectedLines_areClosed() throws IOException {
    preparation.write("a.jsonl", "{\"text\":1}\n");
    preparation.write("b.jsonl.gz", new byte[] {0x1f, (byte) 0x8b, 1, 2});
    preparation.write("c.jsonl.xz", new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 9, 9, 9, 9});
    preparation.write("d.jsonl.bz2", "BZh9 nothing of the kind");
    for (String name : List.of("a.jsonl", "b.jsonl.gz", "c.jsonl.xz", "d.jsonl.bz2")) {
      preparation.rejection("jsonl", counting(name));
      assertThat(CountingFileSystem.OPEN).as(name).hasValue(0);
    }
  }

  /** Lists the copies of a content; other processes may have copies of their own there. */
  private static List<Path> copiesOf(String content) throws IOException {
    List<Path> copies = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), "longrope-*.zip")) {
      for (Path file : files) {
        if (Files.size(file) == content.length() && Files.readString(file).equals(content)) {
          copies.add(file);
        }
      }
    }
    return copies;
  }
}
