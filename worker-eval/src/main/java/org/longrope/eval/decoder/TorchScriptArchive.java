package org.longrope.eval.decoder;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writer of TorchScript archives without Python: a zip of stored entries with the program's source
 * and a pickle of one attribute-free module. Any libtorch from 2.0 on loads it ({@code
 * torch.jit.load}).
 */
final class TorchScriptArchive {
  /**
   * Fixed time of all entries, so that one program gives one archive. It is a local time, because
   * zip entries have no time zone, and a month after the zip epoch, which Java would write in an
   * extra field as UTC.
   */
  private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private TorchScriptArchive() {}

  /**
   * Writes an archive.
   *
   * @param file the archive to write; its name without .pt becomes the folder inside
   * @param module class name of the module
   * @param methods the module's methods, unindented
   */
  static void write(Path file, String module, String methods) throws IOException {
    String folder = file.getFileName().toString().replaceFirst("\\.pt$", "") + "/";
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      put(zip, folder + "data.pkl", moduleInstance(module));
      put(zip, folder + "code/__torch__.py", moduleSource(module, methods));
      put(zip, folder + "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      put(zip, folder + "version", "10\n".getBytes(StandardCharsets.US_ASCII));
      put(zip, folder + "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static byte[] moduleSource(String module, String methods) {
    String body =
        methods
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(line -> "  " + line + "\n")
            .collect(Collectors.joining());
    String source =
        "class "
            + module
            + "(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
            + body;
    return source.getBytes(StandardCharsets.UTF_8);
  }

  /** Pickles {@code module()} by protocol 2 with the one attribute {@code training = False}. */
  private static byte[] moduleInstance(String module) {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 2}); // PROTO 2
    pickle.writeBytes(ascii("c__torch__\n" + module + "\n")); // GLOBAL
    pickle.writeBytes(new byte[] {'q', 0, ')', (byte) 0x81}); // BINPUT 0, EMPTY_TUPLE, NEWOBJ
    pickle.writeBytes(new byte[] {'}', '('}); // EMPTY_DICT, MARK
    pickle.writeBytes(new byte[] {'X', 8, 0, 0, 0}); // BINUNICODE of 8 bytes
    pickle.writeBytes(ascii("training"));
    pickle.writeBytes(new byte[] {'q', 1, (byte) 0x89, 'u'}); // BINPUT 1, NEWFALSE, SETITEMS
    pickle.writeBytes(new byte[] {'b', 'q', 2, '.'}); // BUILD, BINPUT 2, STOP
    return pickle.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCompressedSize(bytes.length);
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(ENTRY_TIME);
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
