package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.longrope.eval.BadInputException;

class Pg19MetadataTest {
  @Test
  void rows_quotedCells_mayHoldCommasQuotesAndLines() {
    assertThat(Pg19Metadata.rows("1,\"a, \"\"b\"\"\nc\",\r\n2,,x", "m.csv"))
        .containsExactly(List.of("1", "a, \"b\"\nc", ""), List.of("2", "", "x"));
  }

  @Test
  void rows_endInsideQuotes_isRejected() {
    assertThatExceptionOfType(BadInputException.class)
        .isThrownBy(() -> Pg19Metadata.rows("1,\"open", "m.csv"))
        .withMessage(
            "m.csv ends inside a quoted field: the file is cut off or a quote is not doubled.");
  }
}
