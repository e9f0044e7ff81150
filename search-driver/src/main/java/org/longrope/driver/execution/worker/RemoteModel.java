package org.longrope.driver.execution.worker;

import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.io.IOUtils;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;

/**
 * A listing of a checkpoint's files in a folder of a Hadoop file system.
 *
 * @param files of the checkpoint, in the order of their names
 */
record RemoteModel(
    FileSystem fileSystem, org.apache.hadoop.fs.Path folder, List<FileStatus> files) {
  private static final Pattern CHECKPOINT_FILE =
      Pattern.compile(
          "[^.].*\\.(json|safetensors|model|txt|jinja|tiktoken|py)|(LICEN[CS]E|NOTICE|USE_POLICY).*");
  private static final int CHUNK = 1 << 20;

  /**
   * Lists a folder.
   *
   * @throws BadInputException if there is no such folder, it cannot be read, or it holds no
   *     config.json or no safetensors
   */
  static RemoteModel list(String location, Configuration hadoop) {
    try {
      org.apache.hadoop.fs.Path given = new org.apache.hadoop.fs.Path(location);
      FileSystem fileSystem = given.getFileSystem(hadoop);
      org.apache.hadoop.fs.Path folder = fileSystem.makeQualified(given);
      if (!fileSystem.getFileStatus(folder).isDirectory()) {
        throw noFolder(location);
      }
      List<FileStatus> files =
          Arrays.stream(fileSystem.listStatus(folder))
              .filter(FileStatus::isFile)
              .filter(file -> CHECKPOINT_FILE.matcher(name(file)).matches())
              .sorted(Comparator.comparing(RemoteModel::name))
              .toList();
      requireFile(files, "config\\.json", "config.json", location);
      requireFile(files, ".*\\.safetensors", ".safetensors", location);
      return new RemoteModel(fileSystem, folder, files);
    } catch (FileNotFoundException e) {
      throw new BadInputException(String.valueOf(noFolder(location).getMessage()), e);
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "Cannot read %s: %s; expected the directory of a Hugging Face checkpoint on a Hadoop"
                  + " file system, check the path and your access rights.",
              location, firstLine(e)),
          e);
    }
  }

  private static BadInputException noFolder(String location) {
    return BadInputException.of(
        "No directory %s: expected a Hugging Face checkpoint with config.json and"
            + " model.safetensors; check the path.",
        location);
  }

  private static void requireFile(
      List<FileStatus> files, String pattern, String what, String location) {
    if (files.stream().noneMatch(file -> name(file).matches(pattern))) {
      throw BadInputException.of(
          "No %s file in %s: expected the directory of a Hugging Face checkpoint; put the file"
              + " there or check the path.",
          what, location);
    }
  }

  // Only the last part of a listed path is used, so that no name can leave the folder.
  private static String name(FileStatus file) {
    return file.getPath().getName();
  }

  static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Returns a hash of names, lengths and times, which any change of a file changes. */
  String fingerprint() {
    Sha256 hash = new Sha256().add(folder.toString());
    for (FileStatus file : files) {
      hash.add(name(file))
          .add(Long.toString(file.getLen()))
          .add(Long.toString(file.getModificationTime()));
    }
    return hash.hex();
  }

  long bytes() {
    return files.stream().mapToLong(FileStatus::getLen).sum();
  }

  /** Copies all files into an existing directory and forces them to disk. */
  void copyTo(Path directory) throws IOException {
    for (FileStatus file : files) {
      Path target = directory.resolve(name(file));
      try (InputStream in = fileSystem.open(file.getPath());
          FileOutputStream out = new FileOutputStream(target.toFile())) {
        IOUtils.copyBytes(in, out, CHUNK, false);
        // Else a power failure could keep the folder's final name but lose its bytes.
        out.getFD().sync();
        if (out.getChannel().size() != file.getLen()) {
          throw new IOException(name(file) + " does not have the length that was listed");
        }
      }
    }
  }
}
