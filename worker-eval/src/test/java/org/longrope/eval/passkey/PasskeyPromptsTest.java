package org.longrope.eval.passkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.BytePairTraining;
import org.longrope.eval.tokenizer.DocumentTokenizer;

class PasskeyPromptsTest {
  private static final String TASK =
      "There is an important info hidden inside a lot of irrelevant text. Find it and memorize"
          + " them. I will quiz you about the important information there.\n";
  private static final String FILLER =
      "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again. ";
  private static final String QUESTION = "\nWhat is the pass key? The pass key is";

  @TempDir Path directory;

  /** Returns a tokenizer of one token a byte that puts {@code <s>} before a text. */
  private DocumentTokenizer bytes() throws IOException {
    return tokenizer(new BytePairTraining().tokenizerJson(257));
  }

  private DocumentTokenizer tokenizer(String json) throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), json);
    return DocumentTokenizer.open(directory);
  }

  private static String keyLine(PasskeyTrial trial) {
    return "\nThe pass key is "
        + trial.key()
        + ". Remember it. "
        + trial.key()
        + " is the pass key.\n";
  }

  @Test
  void prompt_ofBytes_isTheWordingAtTheExactLengthAndDepth() throws IOException {
    Random random = new Random(1);
    try (DocumentTokenizer tokenizer = bytes()) {
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer, tokenizer.bosTokenId());
      for (int i = 0; i < 200; i++) {
        int length = 300 + random.nextInt(2000);
        double depth = i < 2 ? i : random.nextDouble();
        PasskeyTrial trial = PasskeyTrial.draw(length, depth, i);
        PasskeyPrompt prompt = prompts.prompt(trial);

        assertThat(prompt.tokens().length + prompt.answer().length + PasskeyPrompts.SPARE)
            .isEqualTo(length);
        assertThat(prompt.withAnswer()).hasSize(PasskeyPrompts.textLength(length));
        assertThat(prompt.tokens()[0]).isEqualTo(tokenizer.bosTokenId().orElseThrow());
        String answer = " " + trial.key();
        int room =
            length
                - 1
                - TASK.length()
                - keyLine(trial).length()
                - QUESTION.length()
                - answer.length()
                - PasskeyPrompts.SPARE;
        int before = (int) Math.round(depth * room);
        String filler = FILLER.repeat(30);
        assertThat(tokenizer.decode(prompt.withAnswer()))
            .isEqualTo(
                TASK
                    + filler.substring(0, before)
                    + keyLine(trial)
                    + filler.substring(0, room - before)
                    + QUESTION
                    + answer);
      }
    }
  }

  @Test
  void prompt_ofMergedTokens_isExactInTokensAndReadsTheSame() throws IOException {
    BytePairTraining training = new BytePairTraining();
    training.add((TASK + FILLER + "The pass key is 17865. Remember it.\n").repeat(4));
    try (DocumentTokenizer tokenizer = tokenizer(training.tokenizerJson(330))) {
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer, tokenizer.bosTokenId());
      for (int length = 150; length < 400; length++) {
        PasskeyTrial trial = PasskeyTrial.draw(length, length % 11 / 10.0, length);
        PasskeyPrompt prompt = prompts.prompt(trial);
        assertThat(prompt.withAnswer()).hasSize(length - PasskeyPrompts.SPARE);
        String text = tokenizer.decode(prompt.withAnswer());
        assertThat(text).startsWith(TASK).endsWith(QUESTION + " " + trial.key());
        assertThat(text).contains(keyLine(trial));
        int key = text.indexOf(keyLine(trial));
        assertThat(FILLER.repeat(20)).startsWith(text.substring(TASK.length(), key));
      }
    }
  }

  @Test
  void prompt_ofATokenizerThatPrependsSpaces_hasNoneWithinTheText() throws IOException {
    // As in SentencePiece: a space before any text.
    String json =
        new BytePairTraining()
            .tokenizerJson(257)
            .replace("\"add_prefix_space\":false", "\"add_prefix_space\":true")
            .replace("\"add_prefix_space\" : false", "\"add_prefix_space\" : true");
    assertThat(json).contains("true");
    try (DocumentTokenizer tokenizer = tokenizer(json)) {
      assertThat(tokenizer.encode("a")).hasSize(2);
      PasskeyTrial trial = PasskeyTrial.draw(500, 0.5, 3);
      PasskeyPrompt prompt = new PasskeyPrompts(tokenizer, tokenizer.bosTokenId()).prompt(trial);
      String text = tokenizer.decode(prompt.withAnswer());
      assertThat(text.strip())
          .startsWith(TASK + "The grass")
          .endsWith(QUESTION + " " + trial.key());
      assertThat(text).contains(keyLine(trial) + "The grass");
    }
  }

  @Test
  void prompt_ofALengthThatCannotHoldIt_isRejectedAndOneThatJustCanIsNot() throws IOException {
    try (DocumentTokenizer tokenizer = bytes()) {
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer, tokenizer.bosTokenId());
      int least =
          1
              + TASK.length()
              + keyLine(PasskeyTrial.draw(1, 0, 5)).length()
              + QUESTION.length()
              + 6
              + PasskeyPrompts.SPARE;
      assertThat(prompts.prompt(PasskeyTrial.draw(least, 0.5, 5)).tokens())
          .hasSize(least - 6 - PasskeyPrompts.SPARE);
      PasskeyTrial tooShort = PasskeyTrial.draw(least - 1, 0.5, 5);
      assertThatThrownBy(() -> prompts.prompt(tooShort))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(Integer.toString(least));
      assertThatThrownBy(() -> prompts.require(tooShort, 257))
          .isInstanceOf(BadInputException.class);
    }
  }

  @Test
  void require_idsBeyondTheModels_isRejected() throws IOException {
    try (DocumentTokenizer tokenizer = bytes()) {
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer, tokenizer.bosTokenId());
      PasskeyTrial trial = PasskeyTrial.draw(500, 0.5, 6);
      prompts.require(trial, 257);
      assertThatThrownBy(() -> prompts.require(trial, 64))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("63");
    }
  }

  @Test
  void filler_ofALongPrompt_isThatOfTheWholeText() throws IOException {
    BytePairTraining training = new BytePairTraining();
    training.add(FILLER.repeat(3));
    try (DocumentTokenizer tokenizer = tokenizer(training.tokenizerJson(300))) {
      int[] prompt =
          new PasskeyPrompts(tokenizer, tokenizer.bosTokenId())
              .prompt(PasskeyTrial.draw(1200, 1, 8))
              .tokens();
      int[] whole = tokenizer.encode(TASK + FILLER.repeat(100));
      int[] withoutBos = Arrays.copyOfRange(prompt, bos(tokenizer), 900);
      assertThat(withoutBos).isEqualTo(Arrays.copyOf(whole, withoutBos.length));
    }
  }

  @Test
  void inDocument_ofMergedTokens_isTheDocumentAroundTheKeyAtTheExactLength() throws IOException {
    BytePairTraining training = new BytePairTraining();
    training.add((TASK + "The pass key is 17865. Remember it.\n").repeat(4));
    try (DocumentTokenizer tokenizer = tokenizer(training.tokenizerJson(330))) {
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer, tokenizer.bosTokenId());
      int bos = tokenizer.bosTokenId().orElseThrow();
      Random random = new Random(2);
      for (int i = 0; i < 100; i++) {
        int length = 150 + random.nextInt(400);
        double depth = i < 2 ? i : random.nextDouble();
        int key = PasskeyTrial.drawKey(random);
        int[] document = random.ints(length, 0, 256).toArray();
        PasskeyPrompt prompt = prompts.inDocument(document, length, depth, key);

        assertThat(prompt.withAnswer()).hasSize(length);
        assertThat(tokenizer.decode(prompt.answer())).isEqualTo(" " + key);
        int[] opening = Arrays.copyOf(prompt.tokens(), 1 + tokenizer.encode(TASK).length);
        assertThat(opening[0]).isEqualTo(bos);
        assertThat(tokenizer.decode(opening)).isEqualTo(TASK);
        int[] line = lineOf(key, tokenizer);
        int[] question = tokenizer.encode(QUESTION);
        int room = length - opening.length - line.length - question.length - prompt.answer().length;
        int before = (int) Math.round(depth * room);
        int[] expected =
            Stream.of(
                    opening,
                    Arrays.copyOf(document, before),
                    line,
                    Arrays.copyOfRange(document, before, room),
                    question)
                .flatMapToInt(Arrays::stream)
                .toArray();
        assertThat(prompt.tokens()).isEqualTo(expected);

        int[] withBos = new int[length + 1];
        withBos[0] = bos;
        System.arraycopy(document, 0, withBos, 1, length);
        assertThat(prompts.inDocument(withBos, length, depth, key).tokens()).isEqualTo(expected);
      }
    }
  }

  private static int[] lineOf(int key, DocumentTokenizer tokenizer) {
    return tokenizer.encode(keyLine(new PasskeyTrial(1, 0, key, 0)));
  }

  @Test
  void inDocument_ofTooShortALengthOrDocument_isRejected() throws IOException {
    try (DocumentTokenizer tokenizer = bytes()) {
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer, tokenizer.bosTokenId());
      int least =
          1 + TASK.length() + keyLine(PasskeyTrial.draw(1, 0, 5)).length() + QUESTION.length() + 6;
      assertThat(prompts.inDocument(new int[0], least, 0.5, 12_345).withAnswer()).hasSize(least);
      prompts.requireInDocument(least, 12_345, 257);
      for (int length : new int[] {1, least - 1}) {
        assertThatThrownBy(() -> prompts.inDocument(new int[900], length, 0.5, 12_345))
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("in " + length + " tokens")
            .hasMessageContaining("take " + least);
        assertThatThrownBy(() -> prompts.requireInDocument(length, 12_345, 257))
            .isInstanceOf(BadInputException.class);
      }
      assertThatThrownBy(() -> prompts.requireInDocument(least, 12_345, 64))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("63");
      assertThatThrownBy(() -> prompts.inDocument(new int[99], least + 100, 0.5, 12_345))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("among 100 tokens of a document that has 99");
    }
  }

  private static int bos(DocumentTokenizer tokenizer) {
    return tokenizer.bosTokenId().isPresent() ? 1 : 0;
  }
}
