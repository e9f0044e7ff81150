package org.longrope.datasets;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * Text entries of a zip or jar in the archive's order. Directories, META-INF and binary entries are
 * skipped: archives of sources also hold icons and class files.
 */
final class ArchiveSource implements DocumentSource {
  private final InputFile file;
  private final java.nio.file.@Nullable Path copy;
  private final ZipFile zip;
  private final List<? extends ZipEntry> entries;
  private int row = -1;

  ArchiveSource(InputFile file, Configuration configuration) throws IOException {
    this.file = file;
    FileSystem fileSystem = file.path().getFileSystem(configuration);
    if (fileSystem instanceof LocalFileSystem localFileSystem) {
      copy = null;
      zip = open(localFileSystem.pathToFile(file.path()).toPath(), configuration);
    } else {
      // The directory of a zip is at its end: random access needs a local file.
      java.nio.file.Path local = Files.createTempFile("longrope-", ".zip");
      copy = local;
      try {
        fileSystem.copyToLocalFile(false, file.path(), new Path(local.toUri()), true);
        zip = open(local, configuration);
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(local);
        throw e;
      }
    }
    entries = zip.stream().toList();
  }

  private ZipFile open(java.nio.file.Path local, Configuration configuration) throws IOException {
    try {
      return new ZipFile(local.toFile());
    } catch (ZipException e) {
      FileKind kind = FileKind.of(file.path(), configuration);
      if (kind != null && kind != FileKind.ZIP) {
        throw kind.rejected(file.location());
      }
      throw new BadInputException(
          String.format(
              "Cannot read archive %s (%s): expected a whole zip or jar file.",
              file.location(), e.getMessage()),
          e);
    }
  }

  @Override
  public @Nullable SourceRow next() throws IOException {
    while (++row < entries.size()) {
      ZipEntry entry = entries.get(row);
      if (!file.hasRow(row) || entry.isDirectory() || entry.getName().startsWith("META-INF/")) {
        continue;
      }
      String text;
      try (var stream = zip.getInputStream(entry)) {
        text = InputStreams.text(stream.readAllBytes());
      } catch (IOException e) {
        throw new BadInputException(
            String.format(
                "Cannot read entry %s of archive %s (%s): the archive is damaged.",
                entry.getName(), file.location(), e.getMessage()),
            e);
      }
      if (text != null) {
        return new SourceDocument(row, entry.getName(), entry.getName(), text, null);
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    try {
      zip.close();
    } finally {
      if (copy != null) {
        Files.deleteIfExists(copy);
      }
    }
  }
}
