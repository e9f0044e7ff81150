package org.longrope.eval.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TinyFamiliesTest {
  /** More than float32 errors make of a weight, by the ratio of the effects. */
  private static final double NOISE = 1e-5;

  /** Less than a choice among wrong ones changes the loss of some token. */
  private static final double EFFECT = 0.02;

  private static final List<String> MODEL_TYPES =
      List.of(
          ("llama arcee mistral ministral ministral3 mixtral qwen2 qwen2_moe qwen3 qwen3_moe phi"
                  + " phi3 phimoe gemma gemma2 gemma3_text olmo olmo2 olmo3 olmoe smollm3 granite"
                  + " granitemoe glm glm4 seed_oss cohere cohere2 starcoder2 gpt_oss deepseek_v3"
                  + " minicpm3 exaone4 ernie4_5 hunyuan_v1_dense apertus stablelm helium nemotron")
              .split(" "));

  @TempDir Path directory;

  @Test
  void allModelTypesAreThere() {
    assertThat(Stream.of(TinyFamilies.values()).map(TinyFamilies::modelType).distinct())
        .containsExactlyInAnyOrderElementsOf(MODEL_TYPES);
  }

  @ParameterizedTest
  @EnumSource
  void everyTensorIsRead(TinyFamilies family) {
    Map<String, double[]> all = tensors(family);

    for (String name : all.keySet()) {
      Map<String, double[]> others = new HashMap<>(all);
      others.remove(name);
      FamilyReference reference = FamilyReference.of(family.config(), others);
      assertThatIllegalArgumentException()
          .as(name)
          .isThrownBy(() -> reference.nll(TinyFamilies.tokens(name.contains("experts.") ? 50 : 3)))
          .withMessageEndingWith(name);
    }
  }

  @ParameterizedTest
  @EnumSource
  void lossesVaryButNotWithNoise(TinyFamilies family) {
    Map<String, double[]> all = tensors(family);
    double[] nll = FamilyReference.of(family.config(), all).nll(TinyFamilies.tokens(50));
    Random random = new Random(3);
    all.replaceAll(
        (name, values) ->
            ReferenceMath.map(values, value -> value * (1 + NOISE * random.nextGaussian())));
    double[] noisy = FamilyReference.of(family.config(), all).nll(TinyFamilies.tokens(50));

    double mean = Arrays.stream(nll).average().orElseThrow();
    double deviation =
        Math.sqrt(Arrays.stream(nll).map(v -> (v - mean) * (v - mean)).average().orElseThrow());
    assertThat(deviation).isGreaterThan(0.3);
    assertThat(mean).isBetween(3.0, 12.0);
    assertThat(difference(noisy, nll)).isLessThan(EFFECT / 10);
  }

  @ParameterizedTest
  @EnumSource
  void factorsAndWindowsMatter(TinyFamilies family) {
    FamilyReference reference = FamilyReference.of(family.config(), tensors(family));
    int[] tokens = TinyFamilies.tokens(50);
    double[] two = new double[reference.pairs()];
    Arrays.fill(two, 2);
    double[] published = reference.nll(tokens);
    double[] rescaled = reference.nll(tokens, two, 0, 1, null);
    double[] withStart = reference.nll(tokens, two, 9, 1, null);
    double[] scaled = reference.nll(tokens, two, 0, 1.2, null);
    double[] opened = reference.nll(tokens, null, 0, 1, 0);

    assertThat(difference(published, rescaled)).isGreaterThan(EFFECT);
    assertThat(difference(rescaled, withStart)).isGreaterThan(EFFECT);
    boolean dividedOut = family.modelType().equals("hunyuan_v1_dense");
    assertThat(difference(rescaled, scaled) > EFFECT).isNotEqualTo(dividedOut);
    int[] windows = ReferenceLayers.of(new ReferenceConfig(family.config())).windows();
    boolean windowed = Arrays.stream(windows).anyMatch(window -> window > 0 && window < 50);
    assertThat(difference(published, opened) > EFFECT).isEqualTo(windowed);
  }

  private static double difference(double[] one, double[] other) {
    double largest = 0;
    for (int t = 0; t < one.length; t++) {
      largest = Math.max(largest, Math.abs(one[t] - other[t]));
    }
    return largest;
  }

  private Map<String, double[]> tensors(TinyFamilies family) {
    Path written = family.write(directory.resolve(family.name()), TinyFamilies.SEED);
    Map<String, double[]> tensors = ReferenceWeights.read(written).tensors();
    assertThat(tensors).containsOnlyKeys(family.shapes().keySet());
    return tensors;
  }
}
