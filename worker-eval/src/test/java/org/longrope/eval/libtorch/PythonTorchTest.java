package org.longrope.eval.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests with a shell script as the interpreter. */
class PythonTorchTest {
  @TempDir Path directory;

  private String python(String script) throws IOException {
    Path file = directory.resolve("python");
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file.toString();
  }

  @Test
  void find_pythonWithTorch_isItsLibFolder() throws IOException {
    Path lib = TorchFolders.wheel(directory, "2.7.1", false);

    assertThat(PythonTorch.find(python("echo " + lib.resolveSibling("__init__.py"))))
        .isEqualTo(new PythonTorch(lib, ""));
  }

  @Test
  void find_pythonWithoutTorch_namesTheProblem() throws IOException {
    assertThat(PythonTorch.find(python("echo")).problem()).isEqualTo("has no package torch");
    assertThat(PythonTorch.find(python("echo " + directory + "/torch/__init__.py")).problem())
        .startsWith("has a package torch without libtorch");
  }

  @Test
  void find_pythonThatFails_saysHow() throws IOException {
    assertThat(PythonTorch.find(python("exit 3")).problem()).isEqualTo("ended with exit code 3");
    assertThat(PythonTorch.find(directory.resolve("none").toString()).problem())
        .isEqualTo("cannot be run");
  }

  @Test
  void find_pythonThatHangs_isStopped() throws IOException {
    assertThat(PythonTorch.find(python("exec sleep 60"), Duration.ofMillis(300)).problem())
        .startsWith("did not answer within");
  }
}
