package org.longrope.eval.rope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FactorTableTest {
  private static final Rescaling SHORT = new Rescaling(RescaleFactors.of(1, 2), 0, 1);
  private static final Rescaling LONG = new Rescaling(RescaleFactors.of(2, 4), 4, 1.1);
  private static final Rescaling LONGEST = new Rescaling(RescaleFactors.of(3, 8), 8, 1.2);

  private static FactorTable.Entry entry(int length, Rescaling rescaling) {
    return new FactorTable.Entry(length, rescaling);
  }

  @Test
  void at_anyLength_isTheSmallestThatHoldsItOrTheLast() {
    FactorTable table =
        new FactorTable(List.of(entry(4096, SHORT), entry(8192, LONG), entry(65_536, LONGEST)));
    assertThat(table.at(1)).isEqualTo(SHORT);
    assertThat(table.at(4096)).isEqualTo(SHORT);
    assertThat(table.at(4097)).isEqualTo(LONG);
    assertThat(table.at(8192)).isEqualTo(LONG);
    assertThat(table.at(8193)).isEqualTo(LONGEST);
    assertThat(table.at(65_536)).isEqualTo(LONGEST);
    assertThat(table.at(2_097_152)).isEqualTo(LONGEST);
  }

  @Test
  void constant_atAnyLength_isTheSame() {
    FactorTable table = FactorTable.constant(LONG);
    assertThat(table.at(1)).isEqualTo(LONG);
    assertThat(table.at(Integer.MAX_VALUE)).isEqualTo(LONG);
  }

  @Test
  void entries_noneOrNotAscending_areRejected() {
    assertThatThrownBy(() -> new FactorTable(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FactorTable(List.of(entry(64, SHORT), entry(64, LONG))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64");
    assertThatThrownBy(() -> new FactorTable(List.of(entry(64, SHORT), entry(32, LONG))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32");
    assertThatThrownBy(() -> entry(0, SHORT)).isInstanceOf(IllegalArgumentException.class);
  }
}
