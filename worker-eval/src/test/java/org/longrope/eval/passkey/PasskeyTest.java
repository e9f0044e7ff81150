package org.longrope.eval.passkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.TinyCheckpoints;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.tokenizer.BytePairTraining;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import org.longrope.eval.training.FloatTensor;
import org.longrope.eval.training.InitialWeights;
import org.longrope.eval.training.StateFiles;

/** Models of random and of rigged weights that read bytes. */
@Tag("numeric")
class PasskeyTest {
  private static final PasskeyTrial TRIAL = new PasskeyTrial(400, 0.5, 17_865, 1);

  @TempDir Path directory;
  private Checkpoint checkpoint;
  private ResidentModel model;
  private DocumentTokenizer tokenizer;

  @BeforeEach
  void open() throws IOException {
    TestThreads.use();
    TinyCheckpoints.write(
        directory, TinyCheckpoints.config("llama").put("vocab_size", 257), DType.F32, 1, 51);
    Files.writeString(
        directory.resolve("tokenizer.json"), new BytePairTraining().tokenizerJson(257));
    checkpoint = Checkpoint.open(directory);
    model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 512);
    tokenizer = DocumentTokenizer.open(directory);
  }

  @AfterEach
  void close() {
    model.close();
    tokenizer.close();
  }

  private Rescaling rescaling(double step) {
    double[] lambda = new double[checkpoint.config().rope().pairs()];
    Arrays.setAll(lambda, i -> 1 + step * i);
    return new Rescaling(RescaleFactors.of(lambda), 0, 1);
  }

  @Test
  void needle_ofATrial_isTheNllOfTheKeysTokensAlone() {
    Passkey passkey = new Passkey(model, tokenizer, tokenizer.bosTokenId());
    int[] text = new PasskeyPrompts(tokenizer, tokenizer.bosTokenId()).prompt(TRIAL).withAnswer();
    float[] all = model.nll(text, 1, rescaling(2));
    double sum = 0;
    for (int i = all.length - 6; i < all.length; i++) {
      sum += all[i];
    }
    PasskeyResult result = passkey.needle(TRIAL, rescaling(2), StopSignal.NEVER);
    assertThat(result.keyTokens()).isEqualTo(6);
    assertThat(result.keyNll()).isCloseTo(sum, within(1e-4));
    assertThat(result.answer()).isNull();
    assertThat(result.retrieved()).isFalse();
    assertThat(passkey.needle(TRIAL, rescaling(2), StopSignal.NEVER)).isEqualTo(result);
    assertThat(passkey.needle(TRIAL, rescaling(0), StopSignal.NEVER).keyNll())
        .isNotCloseTo(result.keyNll(), within(1e-3));
  }

  @Test
  void retrieve_ofATrial_generatesAndMeasuresTheSameNeedle() {
    Passkey passkey = new Passkey(model, tokenizer, tokenizer.bosTokenId());
    FactorTable table =
        new FactorTable(
            List.of(
                new FactorTable.Entry(300, rescaling(0)),
                new FactorTable.Entry(600, rescaling(2))));
    PasskeyResult result = passkey.retrieve(TRIAL, table, StopSignal.NEVER);
    PasskeyResult needle = passkey.needle(TRIAL, rescaling(2), StopSignal.NEVER);
    assertThat(result.keyNll()).isCloseTo(needle.keyNll(), within(1e-4));
    assertThat(result.keyTokens()).isEqualTo(needle.keyTokens());
    assertThat(result.answer()).isNotEmpty();
    assertThat(result.retrieved()).as("random weights").isFalse();
    assertThat(passkey.retrieve(TRIAL, table, StopSignal.NEVER)).isEqualTo(result);
  }

  /**
   * Weights without attention that continue the question by {@code " 1234567890"}: each character
   * of this has a dimension of its own, from which the head reads the next.
   */
  private ResidentModel counting() throws IOException {
    Map<String, FloatTensor> weights = new HashMap<>();
    InitialWeights.of(checkpoint.config(), 1)
        .forEach(
            (name, tensor) -> {
              int n = tensor.values().length;
              boolean norm = tensor.shape().size() == 1;
              weights.put(name, norm ? tensor : new FloatTensor(tensor.shape(), new float[n]));
            });
    float[] embedding = weights.get("model.embed_tokens.weight").values();
    float[] head = weights.get("lm_head.weight").values();
    int width = TinyCheckpoints.HIDDEN;
    for (int token = 0; token < 257; token++) {
      embedding[token * width + width - 1] = 1;
    }
    int[] chain = tokenizer.encode("s 1234567890");
    for (int i = 0; i + 1 < chain.length; i++) {
      embedding[chain[i] * width + width - 1] = 0;
      embedding[chain[i] * width + i] = 1;
      head[chain[i + 1] * width + i] = 10;
    }
    Path rigged = Files.createDirectories(directory.resolve("counting"));
    Files.copy(directory.resolve("config.json"), rigged.resolve("config.json"));
    StateFiles.saveModel(rigged.resolve("model.safetensors"), weights, DType.F32);
    return ResidentModel.load(Checkpoint.open(rigged), AttentionWindow.CONFIG, 512);
  }

  @Test
  void retrieve_byAModelThatKnowsTheKey_succeedsWithoutLoss() throws IOException {
    PasskeyTrial known = new PasskeyTrial(400, 0.5, 12_345, 1);
    try (ResidentModel counting = counting()) {
      Passkey passkey = new Passkey(counting, tokenizer, tokenizer.bosTokenId());
      FactorTable factors = FactorTable.constant(rescaling(2));
      PasskeyResult result = passkey.retrieve(known, factors, StopSignal.NEVER);
      assertThat(result.answer()).isEqualTo(" 123456789");
      assertThat(result.retrieved()).isTrue();
      assertThat(result.keyNll()).isCloseTo(0, within(1e-3));
      assertThat(passkey.needle(known, rescaling(2), StopSignal.NEVER).keyNll())
          .isCloseTo(0, within(1e-3));

      PasskeyResult other = passkey.retrieve(TRIAL, factors, StopSignal.NEVER);
      assertThat(other.retrieved()).isFalse();
      // In " 17865" the space, the 1 and the 8 after the 7 follow; the others cost 10 · sqrt(32).
      assertThat(other.keyNll()).isCloseTo(3 * 10 * Math.sqrt(32), within(0.1));
    }
  }

  @Test
  void retrieve_stopped_throws() {
    Passkey passkey = new Passkey(model, tokenizer, tokenizer.bosTokenId());
    assertThatThrownBy(
            () -> passkey.retrieve(TRIAL, FactorTable.constant(rescaling(0)), () -> true))
        .isInstanceOf(StoppedException.class);
    assertThatThrownBy(() -> passkey.needle(TRIAL, rescaling(0), () -> true))
        .isInstanceOf(StoppedException.class);
  }
}
