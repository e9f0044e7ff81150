package org.longrope.eval.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

class QueryFoldingTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void rows_ofRandomScales_makeAModelThatComputesTheSameWithoutThem(TinyFamilies family) {
    Path written = family.write(directory.resolve(family.name()), TinyFamilies.SEED);
    DecoderSpec spec = Checkpoint.open(written).config();
    QueryFolding folding = QueryFolding.of(spec);
    if (folding.refusal() != null) {
      assertThatThrownBy(folding::finest)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(family.modelType() + ": its queries are clipped (clip_qkv)");
      return;
    }
    Random random = new Random(11);
    QueryScales shape = folding.finest();
    QueryScales scales =
        shape.withLogs(random.doubles(shape.size()).map(value -> value - 0.5).toArray());
    Rescaling plain = new Rescaling(RescaleFactors.uniform(shape.pairs(), 1.5), 0, 1.1);
    FamilyReference original = FamilyReference.read(written);
    FamilyReference folded = FamilyReference.of(family.config(), folded(written, folding, scales));
    int[] tokens = TinyFamilies.tokens(30);

    assertThat(ReferenceNll.of(folded, tokens, plain, AttentionWindow.CONFIG))
        .containsExactly(
            ReferenceNll.of(
                original, tokens, plain.withQueryScales(scales), AttentionWindow.CONFIG),
            within(1e-9));
  }

  private static Map<String, double[]> folded(
      Path model, QueryFolding folding, QueryScales scales) {
    Map<String, double[]> tensors = ReferenceWeights.read(model).tensors();
    for (QueryFolding.Rows rows : folding.rows(scales)) {
      double[] values = tensors.get(rows.part().tensor()).clone();
      int width = (int) (rows.part().elements() / rows.multipliers().length);
      int begin = (int) rows.part().from() * width;
      double one = rows.plusOne() ? 1 : 0;
      for (int i = 0; i < rows.multipliers().length * width; i++) {
        double scaled = (values[begin + i] + one) * rows.multipliers()[i / width] - one;
        values[begin + i] = scaled;
      }
      tensors.put(rows.part().tensor(), values);
    }
    return tensors;
  }

  @Test
  void rows_ofHalves_areBothDimensionsOfEachPairOfEachHead() {
    QueryFolding folding = folding(TinyFamilies.PHI3);

    List<QueryFolding.Rows> rows = folding.rows(numbered(folding.finest()));

    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).part().tensor()).isEqualTo("model.layers.0.self_attn.qkv_proj.weight");
    assertThat(rows.get(0).part().from()).isZero();
    assertThat(rows.get(0).part().to()).isEqualTo(32);
    // Heads of 8, of which 6 turn: i with i + 3.
    assertThat(logs(rows.get(0)))
        .startsWith(1, 2, 3, 1, 2, 3, 0, 0, 4, 5, 6, 4, 5, 6, 0, 0)
        .hasSize(32);
    assertThat(logs(rows.get(1))).startsWith(13, 14, 15, 13, 14, 15, 0, 0);
  }

  @Test
  void rows_ofNeighbours_areBothDimensionsOfEachPairAfterThePlainPart() {
    QueryFolding folding = folding(TinyFamilies.MINICPM3);
    QueryScales scales = numbered(folding.finest());

    int[] logs = logs(folding.rows(scales).get(0));

    assertThat(folding.rows(scales).get(0).part().tensor()).endsWith("q_b_proj.weight");
    assertThat(Arrays.copyOf(logs, 20))
        .containsExactly(0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0);
    assertThat(
            Arrays.copyOf(
                logs(
                    folding(TinyFamilies.COHERE)
                        .rows(numbered(folding(TinyFamilies.COHERE).finest()))
                        .get(0)),
                8))
        .containsExactly(1, 1, 2, 2, 3, 3, 4, 4);
  }

  @Test
  void rows_ofLayersWithoutTheRescaledTable_areNone() {
    QueryFolding folding = folding(TinyFamilies.SMOLLM3);

    assertThat(folding.rows(numbered(folding.finest())))
        .extracting(rows -> rows.part().tensor())
        .containsExactly(
            "model.layers.0.self_attn.q_proj.weight", "model.layers.2.self_attn.q_proj.weight");
  }

  @Test
  void require_scalesOfHeadsThatShareANorm_areRefused() {
    QueryFolding folding = folding(TinyFamilies.QWEN3);

    assertThat(folding.isPerHead()).isFalse();
    assertThat(folding.finest().heads()).isEqualTo(1);
    assertThatThrownBy(() -> folding.rows(QueryScales.ones(1, 4, 6)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("a qwen3: its heads share one norm of queries; expected scales of 1");
  }

  @Test
  void rows_ofScalesOfAnotherShape_areRefused() {
    assertThatThrownBy(() -> folding(TinyFamilies.LLAMA).rows(QueryScales.ones(3, 1, 4)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(folding(TinyFamilies.LLAMA).rows(QueryScales.NONE)).isEmpty();
  }

  private QueryFolding folding(TinyFamilies family) {
    Path written = family.write(directory.resolve(family.name()), TinyFamilies.SEED);
    return QueryFolding.of(Checkpoint.open(written).config());
  }

  /** Returns scales whose ψ are 1, 2, 3 … hundredths. */
  private static QueryScales numbered(QueryScales shape) {
    double[] psi = new double[shape.size()];
    Arrays.setAll(psi, i -> (i + 1) / 100.0);
    return shape.withLogs(psi);
  }

  private static int[] logs(QueryFolding.Rows rows) {
    return Arrays.stream(rows.multipliers())
        .mapToInt(scale -> (int) Math.round(100 * Math.log(scale)))
        .toArray();
  }
}
