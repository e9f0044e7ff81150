package org.longrope.driver.report.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class TableTest {
  private static Table table() {
    return new Table(Column.text("method"), Column.perplexity("ppl").withBest())
        .add("none <b>", 123_456.78)
        .add("found", 6.25)
        .add("pi", Double.NaN)
        .add("whole", "7")
        .add("lost", 1.841e9)
        .add("absent", null);
  }

  @Test
  void html_numbersOfUnequalPlaces_standPointBelowPoint() {
    assertThat(table().toHtml())
        .contains(
            "<div class=\"table\"><table>",
            ">none &lt;b&gt;<",
            ">123,456.8\u2007\u2007<",
            "><strong>6.250</strong><",
            ">–<",
            ">1.841e+09<",
            ">7\u2008\u2007\u2007\u2007<")
        .doesNotContain("NaN", "null");
  }

  @Test
  void text_isAlignedWithAStarOnTheBest() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(table().toText())
          .isEqualTo(
              """
              method          ppl
              none <b>  123,456.8
              found       * 6.250
              pi                -
              whole             7
              lost      1.841e+09
              absent            -
              """);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void text_columnBestInHtml_hasNoStar() {
    Table table = new Table(Column.perplexity("ppl").withBestInHtml()).add(2.0).add(1.0);
    assertThat(table.toText()).isEqualTo("  ppl\n2.000\n1.000\n");
    assertThat(table.toHtml()).contains("<strong>1.000</strong>");
  }

  @Test
  void text_leastWidth_isKept() {
    assertThat(new Table(Column.count("n").withWidth(7)).add(1024).toText())
        .isEqualTo("      n\n  1,024\n");
  }

  @Test
  void row_ofATableThatIsPrintedRowByRow_hasTheWidthsOfItsHead() {
    Table table = new Table(Column.text("model").withWidth(7), Column.count("n").withWidth(5));
    assertThat(table.head() + table.row("a", 1024) + table.row("a long name", null))
        .isEqualTo("model        n\na        1,024\na long name      -\n");
  }

  @Test
  void csv_anyValues_haveAllDigitsAndQuotes() {
    Table table =
        new Table(Column.text("a,b"), Column.decimals("c", 1).withKey("d"), Column.count("e"))
            .add("say \"x\"", 0.123456789, null)
            .add("y", Double.POSITIVE_INFINITY, 1024);
    assertThat(table.toCsv())
        .isEqualTo("\"a,b\",d,e\n\"say \"\"x\"\"\",0.123456789,\ny,Infinity,1024\n");
  }

  @Test
  void rowOfAnotherWidth_isRefused() {
    assertThatThrownBy(() -> new Table(Column.text("a")).add("b", "c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("row of 2 cells");
  }

  @Test
  void counted_anyNumber_hasItsNoun() {
    assertThat(Numbers.counted(1, "document")).isEqualTo("1 document");
    assertThat(Numbers.counted(0, "document")).isEqualTo("0 documents");
    assertThat(Numbers.counted(1024, "document")).isEqualTo("1,024 documents");
  }
}
