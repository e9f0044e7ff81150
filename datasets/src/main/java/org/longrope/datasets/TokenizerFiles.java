package org.longrope.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * Files of a tokenizer, sent to the executors as bytes, because its directory may not be reachable
 * from them. Each JVM opens a tokenizer once and keeps it.
 *
 * @param directory where they are, for messages
 * @param config tokenizer_config.json, or no bytes if there is none
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record TokenizerFiles(String directory, byte[] tokenizer, byte[] config) implements Serializable {
  private static final String TOKENIZER_FILE = "tokenizer.json";
  private static final String CONFIG_FILE = "tokenizer_config.json";
  private static final Map<String, DocumentTokenizer> OPENED = new HashMap<>();

  /**
   * Reads the files of a directory.
   *
   * @throws BadInputException if the directory has no tokenizer.json
   */
  static TokenizerFiles read(String directory, Configuration configuration) {
    try {
      Path folder = new Path(directory);
      FileSystem fileSystem = folder.getFileSystem(configuration);
      Path tokenizerFile = new Path(folder, TOKENIZER_FILE);
      Path configFile = new Path(folder, CONFIG_FILE);
      if (!fileSystem.exists(tokenizerFile)) {
        throw BadInputException.of(
            "No tokenizer.json in %s: expected the directory of a Hugging Face checkpoint with a"
                + " fast tokenizer.",
            directory);
      }
      return new TokenizerFiles(
          directory,
          bytes(fileSystem, tokenizerFile),
          fileSystem.exists(configFile) ? bytes(fileSystem, configFile) : new byte[0]);
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          String.format("Cannot read the tokenizer in %s: %s.", directory, e.getMessage()), e);
    }
  }

  private static byte[] bytes(FileSystem fileSystem, Path file) throws IOException {
    try (InputStream stream = fileSystem.open(file)) {
      return stream.readAllBytes();
    }
  }

  /** Returns the SHA-256 of both files. */
  String hash() {
    return new Sha256().add(tokenizer).add(config).hex();
  }

  /** Returns this JVM's tokenizer of these files. */
  DocumentTokenizer open() {
    synchronized (OPENED) {
      return OPENED.computeIfAbsent(hash(), key -> openCopy());
    }
  }

  private DocumentTokenizer openCopy() {
    try {
      java.nio.file.Path folder = Files.createTempDirectory("longrope-tokenizer-");
      java.nio.file.Path tokenizerFile = folder.resolve(TOKENIZER_FILE);
      java.nio.file.Path configFile = folder.resolve(CONFIG_FILE);
      try {
        Files.write(tokenizerFile, tokenizer);
        if (config.length > 0) {
          Files.write(configFile, config);
        }
        return DocumentTokenizer.open(folder, directory);
      } catch (BadInputException e) {
        String message = String.valueOf(e.getMessage());
        throw new BadInputException(message.replace(folder.toString(), directory), e);
      } finally {
        Files.deleteIfExists(tokenizerFile);
        Files.deleteIfExists(configFile);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new BadInputException(
          String.format("Cannot write a copy of the tokenizer: %s.", TaskResult.reason(e)), e);
    }
  }
}
