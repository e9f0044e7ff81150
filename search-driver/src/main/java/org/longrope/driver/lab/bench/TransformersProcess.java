package org.longrope.driver.lab.bench;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.longrope.eval.BadInputException;

/**
 * Process of a Python that evaluates one checkpoint with transformers. It keeps the model loaded
 * and waits without computing, so that its evaluations can alternate with this process's.
 */
final class TransformersProcess implements AutoCloseable {
  private static final String SCRIPT = "transformers_speed.py";
  private static final JsonMapper MAPPER = new JsonMapper();

  private final String python;
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;
  private final Path errors;
  private String description = "";

  private TransformersProcess(String python, Process process, Path errors) {
    this.python = python;
    this.process = process;
    this.errors = errors;
    answers = process.inputReader(StandardCharsets.UTF_8);
    questions = process.outputWriter(StandardCharsets.UTF_8);
  }

  /**
   * Starts the process and waits until it has evaluated a few tokens.
   *
   * @param python command or path of an interpreter that has torch and transformers
   * @param checkpoint its directory
   * @param computeType f32, bf16 or f16
   * @throws BadInputException if the Python cannot be run, lacks a package, or its transformers
   *     cannot run the model
   */
  static TransformersProcess start(
      String python, Path checkpoint, Device device, String computeType) throws IOException {
    Path errors = Files.createTempFile("longrope-transformers-", ".log");
    TransformersProcess started = null;
    try {
      started =
          new TransformersProcess(
              python, launch(python, checkpoint, device, computeType, errors), errors);
      JsonNode versions = started.answer();
      JsonNode loaded = started.answer();
      started.description =
          String.format(
              "transformers %s with torch %s, %s attention",
              versions.get("transformers").asText(),
              versions.get("torch").asText(),
              loaded.get("attention").asText());
      return started;
    } catch (IOException | RuntimeException e) {
      if (started == null) {
        Files.deleteIfExists(errors);
      } else {
        started.close();
      }
      throw e;
    }
  }

  private static Process launch(
      String python, Path checkpoint, Device device, String computeType, Path errors) {
    String type =
        switch (computeType) {
          case "f32" -> "float32";
          case "f16" -> "float16";
          default -> "bfloat16";
        };
    ProcessBuilder builder =
        new ProcessBuilder(
                python,
                "-c",
                script(),
                checkpoint.toAbsolutePath().toString(),
                device.isGpu() ? "cuda" : "cpu",
                type)
            .redirectError(errors.toFile());
    builder.environment().put("HF_HUB_OFFLINE", "1");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new BadInputException(
          String.format(
              "Cannot run %s (--transformers): expected a Python that has torch and transformers.",
              python),
          e);
    }
  }

  /** Returns the versions and the kind of attention. */
  String description() {
    return description;
  }

  /** Evaluates tokens. */
  TimedEvaluation evaluate(int[] tokens, int threads) throws IOException {
    ObjectNode question = JsonNodeFactory.instance.objectNode().put("threads", threads);
    for (int token : tokens) {
      question.withArray("ids").add(token);
    }
    questions.write(MAPPER.writeValueAsString(question));
    questions.newLine();
    questions.flush();
    JsonNode answer = answer();
    return new TimedEvaluation(answer.get("seconds").asDouble(), answer.get("nll").asDouble());
  }

  private JsonNode answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      List<String> words = Files.readAllLines(errors);
      throw new IOException(
          String.format(
              "The Python %s (--transformers) ended in an evaluation: %s",
              python, words.isEmpty() ? "it wrote nothing" : words.get(words.size() - 1)));
    }
    JsonNode answer = MAPPER.readTree(line);
    if (answer.has("problem")) {
      throw BadInputException.of(
          "The Python %s (--transformers) %s: expected one with torch and a transformers that knows"
              + " the model.",
          python, answer.get("problem").asText());
    }
    return answer;
  }

  private static String script() {
    try (InputStream stream = TransformersProcess.class.getResourceAsStream(SCRIPT)) {
      if (stream == null) {
        throw new IllegalStateException(SCRIPT + " is not on the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    process.onExit().join();
    Files.deleteIfExists(errors);
  }
}
