package org.longrope.driver.report.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.longrope.driver.report.html.Table.Cell;
import org.longrope.driver.report.html.Table.Column;

class TableTest {
  private static final Table TABLE =
      new Table(
          "",
          List.of(Column.text("method"), Column.number("perplexity")),
          List.of(
              List.of(Cell.of("none"), Cell.of("123,456.8")),
              List.of(Cell.of("found"), new Cell("6.250", true)),
              List.of(Cell.of("pi"), Cell.of("–")),
              List.of(Cell.of("whole"), Cell.of("7")),
              List.of(Cell.of("lost"), Cell.of("1.841e+09"))));

  @Test
  void html_numbersOfUnequalPlaces_standPointBelowPoint() {
    assertThat(TABLE.toHtml(UnaryOperator.identity()))
        .contains(
            ">123,456.8\u2007\u2007<",
            "><strong>6.250</strong><",
            ">–<",
            ">1.841e+09<",
            ">7\u2008\u2007\u2007\u2007<");
  }

  @Test
  void text_isAlignedWithAStarOnTheBest() {
    assertThat(TABLE.toText())
        .isEqualTo(
            """
            method  perplexity
            none     123,456.8
            found      * 6.250
            pi               –
            whole            7
            lost     1.841e+09
            """);
  }

  @Test
  void rowOfAnotherWidth_isRefused() {
    assertThatThrownBy(
            () -> new Table("", List.of(Column.text("a")), List.of(Table.row(List.of("b", "c")))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("row of 2 cells");
  }

  @Test
  void csv_textsWithCommasAndQuotes_areQuoted() {
    assertThat(Csv.of(List.of("a,b", "c"), List.of(List.of("say \"x\"", 0.1))))
        .asString()
        .isEqualTo("\"a,b\",c\n\"say \"\"x\"\"\",0.1\n");
  }
}
