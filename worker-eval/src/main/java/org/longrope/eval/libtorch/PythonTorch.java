package org.longrope.eval.libtorch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The package torch of a Python, found without importing it.
 *
 * @param libraries folder of its libraries; null if there is none
 * @param problem why there is none, such as "has no package torch"; empty if there is one
 */
record PythonTorch(@Nullable Path libraries, String problem) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String FIND =
      "import importlib.util as u; s = u.find_spec('torch'); print(s and s.origin or '')";

  /** Asks an interpreter where its torch lies, within 20 seconds. */
  static PythonTorch find(String command) {
    return find(command, LIMIT);
  }

  static PythonTorch find(String command, Duration limit) {
    try {
      // A file and not a pipe: a child of the interpreter that lives on cannot keep us waiting.
      Path answer = Files.createTempFile("longrope-python", ".txt");
      try {
        return ask(command, limit, answer);
      } finally {
        Files.deleteIfExists(answer);
      }
    } catch (IOException e) {
      return none("cannot be run");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return none("was interrupted");
    }
  }

  private static PythonTorch ask(String command, Duration limit, Path answer)
      throws IOException, InterruptedException {
    Process python =
        new ProcessBuilder(command, "-c", FIND)
            .redirectOutput(answer.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    python.getOutputStream().close();
    if (!python.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      python.destroyForcibly();
      return none("did not answer within " + limit.toSeconds() + " s");
    }
    if (python.exitValue() != 0) {
      return none("ended with exit code " + python.exitValue());
    }
    String origin = Files.readString(answer, StandardCharsets.UTF_8).strip();
    Path folder = origin.isEmpty() ? null : Path.of(origin).getParent();
    if (folder == null) {
      return none("has no package torch");
    }
    Path libraries = folder.resolve("lib");
    return LibtorchFolder.holds(libraries)
        ? new PythonTorch(libraries, "")
        : none("has a package torch without libtorch, " + folder);
  }

  private static PythonTorch none(String problem) {
    return new PythonTorch(null, problem);
  }
}
