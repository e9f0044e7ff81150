package org.longrope.driver.lab.bench;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory of this process, as Linux counts it. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final long KIB = 1024;

  private ProcessMemory() {}

  /** Returns the bytes that are resident now. */
  static long resident() throws IOException {
    return field("VmRSS:");
  }

  /** Returns the most bytes that were resident since {@link #forgetPeak}. */
  static long peak() throws IOException {
    return field("VmHWM:");
  }

  static void forgetPeak() throws IOException {
    Files.writeString(CLEAR, "5");
  }

  /** Returns free memory to the system, so that {@link #resident} is the memory in use. */
  static void releaseFree() {
    System.gc();
    NativeLibrary.getInstance("c").getFunction("malloc_trim").invokeInt(new Object[] {0L});
  }

  private static long field(String name) throws IOException {
    for (String line : Files.readAllLines(STATUS, StandardCharsets.US_ASCII)) {
      if (line.startsWith(name)) {
        return KIB * Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException(STATUS + " has no " + name);
  }
}
