package org.longrope.driver;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.longrope.driver.cli.Main;

/**
 * A command line that was run in this process, with what it printed.
 *
 * @param exitCode 0, 1 or 2
 */
public record Captured(int exitCode, String out, String err) {
  public static Captured run(Object... words) {
    String[] arguments = new String[words.length];
    for (int i = 0; i < words.length; i++) {
      arguments[i] = words[i].toString();
    }
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int exitCode = Main.run(arguments);
      System.out.flush();
      System.err.flush();
      return new Captured(
          exitCode,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** Returns the lines of standard error but for the one that names the device. */
  public List<String> errors() {
    return err.lines().filter(line -> !line.startsWith("device: ")).toList();
  }
}
