package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.Inquiry;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.InstructionSet;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;

/** Executors in this process, which fail as they are told; their model is real and not read. */
@Tag("numeric")
class SparkRespondentsTest {
  private static final List<PasskeyTrial> TRIALS =
      new PasskeyGrid(List.of(16, 32), 3, 2, 5).questions();

  /** Trials that were tried, by those who answer. */
  private static final Set<PasskeyTrial> TRIED = ConcurrentHashMap.newKeySet();

  private static final ExecutorListener SILENT =
      new ExecutorListener() {
        @Override
        public void warning(String sentence) {}

        @Override
        public void modelLoaded(double seconds) {}
      };

  private final Map<Integer, Integer> answers = new TreeMap<>();

  @BeforeEach
  void nothingWasTried() {
    TRIED.clear();
  }

  private static SparkRespondents respondents(String master, Path model, String hash) {
    return new SparkRespondents(
        new SparkSettings(master, Map.of()).start("test"),
        new ModelSpec(model.toString(), hash, "config", new HadoopSettings(Map.of()), 64, 1),
        SILENT);
  }

  private void ask(String master, Inquiry<PasskeyTrial, PasskeyResult> inquiry) {
    Path model = TinyWorld.shared().model();
    ask(master, model, Checkpoint.open(model).sha256(), inquiry);
  }

  private void ask(
      String master, Path model, String hash, Inquiry<PasskeyTrial, PasskeyResult> inquiry) {
    try (SparkRespondents respondents = respondents(master, model, hash)) {
      respondents.ask(
          inquiry,
          TRIALS,
          (index, reply) -> {
            assertThat(reply.computeType()).isEqualTo("f32");
            assertThat(reply.hardware()).isEqualTo(InstructionSet.detect().toString());
            assertThat(answers.put(index, reply.answer().trial().key())).isNull();
          });
    }
  }

  private void assertAllAnswered() {
    assertThat(answers.keySet()).hasSize(TRIALS.size());
    answers.forEach((index, key) -> assertThat(key).isEqualTo(TRIALS.get(index).key()));
  }

  private static PasskeyResult answer(PasskeyTrial trial) {
    return new PasskeyResult(trial, null, 1, 5);
  }

  @Test
  void everyQuestion_isAnsweredOnce() {
    ask("local[2]", (trial, model, stop) -> answer(trial));
    assertAllAnswered();
  }

  @Test
  void taskThatFailsOnce_isTriedAgain() {
    ask(
        "local[2,2]",
        (trial, model, stop) -> {
          if (TRIED.add(trial)) {
            throw new IllegalStateException("a bad moment");
          }
          return answer(trial);
        });
    assertAllAnswered();
  }

  @Test
  void taskThatFailsForGood_losesNoAnswerThatCame() {
    PasskeyTrial last = TRIALS.get(TRIALS.size() - 1);
    assertThatThrownBy(
            () ->
                ask(
                    "local[1]",
                    (trial, model, stop) -> {
                      if (trial.equals(last)) {
                        throw new IllegalStateException("no more\nand why");
                      }
                      return answer(trial);
                    }))
        .isInstanceOf(ExecutionFailure.class)
        .hasMessageContaining("no more")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    assertThat(answers).hasSize(TRIALS.size() - 1);
  }

  @Test
  void badInputOnAnExecutor_isBadInputHere() {
    assertThatThrownBy(
            () ->
                ask(
                    "local[2,2]",
                    (trial, model, stop) -> {
                      throw new BadInputException("Keys and values do not fit: so it is.");
                    }))
        .isInstanceOf(BadInputException.class)
        .hasMessage("Keys and values do not fit: so it is.");
  }

  @Test
  void modelThatIsNotTheDriversOnAnExecutor_isBadInput(@TempDir Path directory) {
    Path model = TinyWorld.model(directory.resolve("model"), 9);
    String hash = Checkpoint.open(TinyWorld.shared().model()).sha256();
    assertThatThrownBy(() -> ask("local[1]", model, hash, (trial, hosted, stop) -> answer(trial)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(model + " has other content here");
    Path none = directory.resolve("none");
    assertThatThrownBy(() -> ask("local[1]", none, hash, (trial, hosted, stop) -> answer(trial)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("No directory " + none);
  }
}
