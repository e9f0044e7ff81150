package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.family.LlamaShape;

class TorchScriptArchiveTest {
  @TempDir Path directory;

  private byte[] archive(String folder) throws IOException {
    Path file = Files.createDirectories(directory.resolve(folder)).resolve("decoder.pt");
    DecoderProgram.writeArchive(file, new LlamaShape(8, 8, 1, 2, 2, 8, true, 10000, 256).spec());
    return Files.readAllBytes(file);
  }

  @Test
  void write_anyPlaceTimeAndTimeZone_givesTheSameBytes() throws IOException {
    byte[] first = archive("a");
    TimeZone here = TimeZone.getDefault();
    try {
      for (String zone : new String[] {"America/Los_Angeles", "Asia/Tokyo", "UTC"}) {
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        assertThat(Arrays.equals(archive(zone), first)).as(zone).isTrue();
      }
    } finally {
      TimeZone.setDefault(here);
    }
  }
}
