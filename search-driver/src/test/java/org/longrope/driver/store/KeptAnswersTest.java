package org.longrope.driver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.worker.RemoteFiles;
import org.longrope.driver.run.ObjectStore;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;

class KeptAnswersTest {
  private static final String AMD = "AMD AVX512";

  private final List<String> warnings = new ArrayList<>();

  @TempDir private Path folder;
  private Path directory;
  private Path file;

  @BeforeEach
  void nameTheFiles() {
    directory = folder.resolve("deep/kept");
    file = directory.resolve("answers.jsonl");
  }

  private static ObjectNode asked(long seed) {
    ObjectNode asked = JsonNodeFactory.instance.objectNode().put("test", "sums").put("seed", seed);
    asked.putArray("factors").add(1.0).add(2.5);
    return asked;
  }

  private static ObjectNode answer(double value) {
    return JsonNodeFactory.instance.objectNode().put("value", value);
  }

  private KeptAnswers open() {
    return KeptAnswers.open(directory, asked(7), warnings::add);
  }

  /** Three answers, of which the last came with the second. */
  private void fill() {
    try (KeptAnswers kept = open()) {
      kept.add(Map.of(2, answer(Math.PI)), "f32", AMD);
      kept.add(Map.of(0, answer(-1e-300)), "f32", AMD);
      kept.add(Map.of(5, answer(1.0 / 3)), "f32", AMD);
    }
  }

  @Test
  void answers_ofAnEarlierProcess_areThereToTheLastBit() {
    fill();
    try (KeptAnswers kept = open()) {
      assertThat(kept.byNumber().keySet()).containsExactly(0, 2, 5);
      assertThat(kept.byNumber().get(2).path("value").asDouble()).isEqualTo(Math.PI);
      assertThat(kept.byNumber().get(0).path("value").asDouble()).isEqualTo(-1e-300);
      assertThat(kept.computeType()).isEqualTo("f32");
    }
  }

  @Test
  void inMemory_holdsWhatWasAddedAndWritesNothing() throws IOException {
    try (KeptAnswers kept = KeptAnswers.inMemory(warnings::add)) {
      assertThat(kept.computeType()).isNull();
      kept.add(Map.of(1, answer(0.1)), "bf16", AMD);
      assertThat(kept.byNumber().get(1).path("value").asDouble()).isEqualTo(0.1);
      assertThat(kept.computeType()).isEqualTo("bf16");
    }
    assertThat(directory).doesNotExist();
  }

  @Test
  void directory_whereNothingWasAnswered_isFreeForOtherQuestions() {
    open().close();
    assertThat(directory).isEmptyDirectory();
    try (KeptAnswers kept = KeptAnswers.open(directory, asked(8), warnings::add)) {
      kept.add(Map.of(1, answer(1)), "f32", AMD);
    }
    assertThatThrownBy(this::open).isInstanceOf(BadInputException.class);
  }

  @Test
  void file_cutAtAnyByte_losesTheCutLineAndGoesOn() throws IOException {
    fill();
    byte[] whole = Files.readAllBytes(file);
    for (int bytes = 0; bytes <= whole.length; bytes++) {
      Files.write(file, Arrays.copyOf(whole, bytes));
      int newlines = 0;
      for (int b = 0; b < bytes; b++) {
        newlines += whole[b] == '\n' ? 1 : 0;
      }
      try (KeptAnswers kept = open()) {
        assertThat(kept.byNumber()).hasSize(Math.max(0, newlines - 1));
        kept.add(Map.of(2, answer(Math.PI)), "f32", AMD);
        kept.add(Map.of(0, answer(-1e-300)), "f32", AMD);
        kept.add(Map.of(5, answer(1.0 / 3)), "f32", AMD);
      }
      try (KeptAnswers kept = open()) {
        Map<Integer, JsonNode> answers = kept.byNumber();
        assertThat(answers.keySet()).containsExactly(0, 2, 5);
        assertThat(answers.get(5).path("value").asDouble()).isEqualTo(1.0 / 3);
      }
    }
  }

  @Test
  void secondAnswerToAQuestion_doesNotCount() {
    fill();
    try (KeptAnswers kept = open()) {
      kept.add(Map.of(2, answer(99)), "f32", AMD);
      assertThat(kept.byNumber().get(2).path("value").asDouble()).isEqualTo(Math.PI);
    }
  }

  @Test
  void answersToOtherQuestions_areRefusedByWhatDiffersAndLeftAlone() throws IOException {
    fill();
    byte[] before = Files.readAllBytes(file);
    assertThatThrownBy(() -> KeptAnswers.open(directory, asked(8), warnings::add))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(directory + " holds answers to other questions (seed: 7 there, 8");
    ObjectNode more = asked(7);
    more.withArray("factors").add(3);
    assertThatThrownBy(() -> KeptAnswers.open(directory, more, warnings::add))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("factors: [1.0,2.5] there, [1.0,2.5,3] here");
    assertThatThrownBy(() -> KeptAnswers.open(directory, asked(7).put("bos", true), warnings::add))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("bos: none there, true here");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void damagedLine_isRefusedByItsNumber() throws IOException {
    fill();
    String whole = Files.readString(file);
    for (String damaged : new String[] {whole.replace("0.33", "0.3x"), whole + "[]\n"}) {
      Files.writeString(file, damaged);
      assertThatThrownBy(this::open)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("Line " + (damaged.endsWith("[]\n") ? 5 : 4) + " of " + file)
          .hasMessageContaining("is damaged");
      assertThat(file).hasContent(damaged.stripTrailing());
    }
  }

  @Test
  void directoryOfSomethingElse_isRefusedAndLeftAlone() throws IOException {
    Files.createDirectories(directory);
    Path other = Files.writeString(directory.resolve("thesis.txt"), "mine");
    for (Path place : new Path[] {directory, other, other.resolve("below")}) {
      assertThatThrownBy(() -> KeptAnswers.open(place, asked(7), warnings::add))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(place.toString());
    }
    assertThat(directory).isDirectoryNotContaining("glob:**answers*");
  }

  @Test
  void directoryInWhichAnotherIsAtWork_isRefused() {
    try (KeptAnswers first = open()) {
      first.add(Map.of(2, answer(1)), "f32", AMD);
      assertThatThrownBy(this::open)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("Another process is at work in " + directory);
      first.add(Map.of(3, answer(2)), "f32", AMD);
    }
    try (KeptAnswers kept = open()) {
      assertThat(kept.byNumber().keySet()).containsExactly(2, 3);
    }
  }

  @Test
  void answerInAnotherType_isNotMixedWithThose() {
    fill();
    try (KeptAnswers kept = open()) {
      assertThatThrownBy(() -> kept.add(Map.of(3, answer(1)), "bf16", AMD))
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageContaining("answered in f32 and one is answered in bf16");
    }
    try (KeptAnswers kept = open()) {
      assertThat(kept.byNumber()).hasSize(3);
    }
  }

  private static Configuration otherFileSystems() {
    Configuration hadoop = RemoteFiles.hadoop();
    hadoop.set("fs.store.impl", ObjectStore.class.getName());
    return hadoop;
  }

  private List<FileLocation> otherPlaces() {
    return List.of(
        FileLocation.parse(RemoteFiles.location(directory.resolve("flushes"))),
        FileLocation.parse(ObjectStore.location(directory.resolve("store"))));
  }

  private KeptAnswers open(FileLocation place, int seed) {
    return KeptAnswers.open(place, asked(seed), otherFileSystems(), warnings::add);
  }

  @Test
  void answers_onAnotherFileSystem_areThereForALaterProcess() {
    for (FileLocation place : otherPlaces()) {
      try (KeptAnswers kept = open(place, 7)) {
        kept.add(Map.of(2, answer(Math.PI)), "f32", AMD);
        kept.add(Map.of(0, answer(-1e-300)), "f32", AMD);
      }
      try (KeptAnswers kept = open(place, 7)) {
        assertThat(kept.byNumber().keySet()).containsExactly(0, 2);
        kept.add(Map.of(5, answer(1.0 / 3)), "f32", AMD);
      }
      try (KeptAnswers kept = open(place, 7)) {
        assertThat(kept.byNumber().keySet()).containsExactly(0, 2, 5);
        assertThat(kept.byNumber().get(2).path("value").asDouble()).isEqualTo(Math.PI);
        assertThat(kept.computeType()).isEqualTo("f32");
      }
      assertThatThrownBy(() -> open(place, 8))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("seed: 7 there, 8 here");
    }
  }

  @Test
  void answers_onAnotherFileSystem_loseALineThatWasCutOff() throws IOException {
    FileLocation place = otherPlaces().get(0);
    try (KeptAnswers kept = open(place, 7)) {
      kept.add(Map.of(2, answer(Math.PI)), "f32", AMD);
      kept.add(Map.of(0, answer(1)), "f32", AMD);
    }
    Path part = directory.resolve("flushes/answers.jsonl/00000000");
    byte[] whole = Files.readAllBytes(part);
    Files.write(part, Arrays.copyOf(whole, whole.length - 3));
    try (KeptAnswers kept = open(place, 7)) {
      assertThat(kept.byNumber().keySet()).containsExactly(2);
      kept.add(Map.of(0, answer(1)), "f32", AMD);
    }
    try (KeptAnswers kept = open(place, 7)) {
      assertThat(kept.byNumber().keySet()).containsExactly(0, 2);
    }
  }

  @Test
  void olderOfTwoProcesses_onAnotherFileSystem_stops() {
    for (FileLocation place : otherPlaces()) {
      try (KeptAnswers older = open(place, 7)) {
        older.add(Map.of(1, answer(1)), "f32", AMD);
        try (KeptAnswers newer = open(place, 7)) {
          newer.add(Map.of(2, answer(2)), "f32", AMD);
          assertThatThrownBy(() -> older.add(Map.of(3, answer(3)), "f32", AMD))
              .isInstanceOf(ExecutionFailure.class)
              .hasMessageContaining("Another process is at work in");
        }
      }
    }
  }

  @Test
  void directoryOfSomethingElse_onAnotherFileSystem_isRefused() throws IOException {
    Files.createDirectories(directory.resolve("flushes"));
    Files.writeString(directory.resolve("flushes/thesis.txt"), "mine");
    assertThatThrownBy(() -> open(otherPlaces().get(0), 7))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("exists and holds no answers.jsonl");
  }

  @Test
  void answersOnAnotherKindOfHardware_areAWarningOnce() {
    fill();
    try (KeptAnswers kept = open()) {
      kept.add(Map.of(6, answer(1)), "f32", AMD);
      assertThat(warnings).isEmpty();
      kept.add(Map.of(7, answer(1)), "f32", "Intel AVX2");
      kept.add(Map.of(8, answer(1)), "f32", "Intel AVX2");
    }
    assertThat(warnings)
        .singleElement()
        .asString()
        .startsWith(
            "Numbers were computed on AMD AVX512 before and are now computed on Intel AVX2:");
    try (KeptAnswers kept = open()) {
      kept.add(Map.of(9, answer(1)), "f32", "Intel AVX2");
    }
    assertThat(warnings).hasSize(1);
  }
}
