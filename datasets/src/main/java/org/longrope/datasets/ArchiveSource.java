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
 * The text entries of a zip or jar in the archive's order. Directories, META-INF and what is not
 * text are passed over, since archives of sources bring icons and class files along.
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
    java.nio.file.Path local;
    if (fileSystem instanceof LocalFileSystem localFileSystem) {
      copy = null;
      local = localFileSystem.pathToFile(file.path()).toPath();
    } else {
      // The directory of a zip is at its end: random access needs a local file.
      local = Files.createTempFile("longrope-", ".zip");
      copy = local;
      fileSystem.copyToLocalFile(false, file.path(), new Path(local.toUri()), true);
    }
    try {
      zip = new ZipFile(local.toFile());
    } catch (ZipException e) {
      deleteCopy();
      throw new BadInputException(
          String.format(
              "Cannot read archive %s (%s): expected a whole zip or jar file.",
              file.location(), e.getMessage()),
          e);
    }
    entries = zip.stream().toList();
  }

  @Override
  public @Nullable SourceDocument next() throws IOException {
    while (++row < entries.size()) {
      ZipEntry entry = entries.get(row);
      if (!file.mine(row) || entry.isDirectory() || entry.getName().startsWith("META-INF/")) {
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
    zip.close();
    deleteCopy();
  }

  private void deleteCopy() throws IOException {
    if (copy != null) {
      Files.deleteIfExists(copy);
    }
  }
}
