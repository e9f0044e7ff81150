package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.pytorch.engine.PtNDManager;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.longrope.eval.family.LlamaShape;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

@Tag("numeric")
class RopeTablesTest {
  private static final LlamaShape SHAPE = new LlamaShape(8, 8, 1, 2, 2, 8, true, 10000, 256);
  private static final MathContext DIGITS = new MathContext(60);
  private static final BigDecimal TWO_PI =
      new BigDecimal("3.14159265358979323846264338327950288419716939937510582097494459")
          .multiply(BigDecimal.valueOf(2));

  @Test
  void of_twoMillionPositions_areExactToFloatPrecision() {
    int n = 2_097_152;
    int startTokens = 600;
    double attentionFactor = 1.25;
    // Base 10^4 and two pairs: the inverse frequencies 1 and 1/100 are exact in decimals.
    RopeGeometry rope = new RopeGeometry(4, 10000, 256);
    String[] lambda = {"3", "8192.5"};
    String[] inverse = {"1", "0.01"};
    RescaleFactors factors = RescaleFactors.of(3, 8192.5);
    try (PtNDManager manager = Libtorch.manager(Device.cpu());
        DecoderProgram program = DecoderProgram.load(manager, SHAPE.spec())) {
      RopeTables tables =
          RopeTables.of(
              program, manager, rope, new Rescaling(factors, startTokens, attentionFactor), n, n);
      assertThat(tables.cos().getShape().getShape()).containsExactly(n, 2);
      float[] cos = tables.cos().toFloatArray();
      float[] sin = tables.sin().toFloatArray();
      int[] positions = {0, 1, 511, 512, 599, 600, 601, 1_048_577, n - 2, n - 1};
      for (int m : positions) {
        for (int pair = 0; pair < 2; pair++) {
          BigDecimal angle = new BigDecimal(inverse[pair]).multiply(BigDecimal.valueOf(m));
          if (m >= startTokens) {
            angle = angle.divide(new BigDecimal(lambda[pair]), DIGITS);
          }
          BigDecimal turns = angle.divide(TWO_PI, DIGITS).setScale(0, RoundingMode.FLOOR);
          double reduced = angle.subtract(turns.multiply(TWO_PI)).doubleValue();
          assertThat((double) cos[2 * m + pair])
              .as("cos of position %d, pair %d", m, pair)
              .isCloseTo(attentionFactor * Math.cos(reduced), within(1e-7));
          assertThat((double) sin[2 * m + pair])
              .as("sin of position %d, pair %d", m, pair)
              .isCloseTo(attentionFactor * Math.sin(reduced), within(1e-7));
        }
      }
    }
  }
}
