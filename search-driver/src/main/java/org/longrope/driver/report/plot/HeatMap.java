package org.longrope.driver.report.plot;

import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;

/** Grid of values in colours, with the value in each cell: blue is good, grey is bad. */
public final class HeatMap {
  /** Columns beyond which the numbers of cells would run into each other. */
  private static final int LEGIBLE_COLUMNS = 16;

  // Light enough for dark figures, and never the white of what is no cell.
  private static final Color GOOD = new Color(0x56B4E9);
  private static final Color BETWEEN = new Color(0xB0D8EE);
  private static final Color BAD = new Color(0xEEEEEE);

  /** Pixels of half a page. */
  private static final int HALF_WIDTH = 720;

  private static final int HALF_HEIGHT = 500;

  private final String title;
  private final boolean share;
  private final boolean half;

  private HeatMap(String title, boolean share, boolean half) {
    this.title = title;
    this.share = share;
    this.half = half;
  }

  /** Creates a map of values from 0 to 1, more being better. */
  public static HeatMap share(String title) {
    return new HeatMap(title, true, false);
  }

  /** Creates a map of values from 0, less being better. */
  public static HeatMap cost(String title) {
    return new HeatMap(title, false, false);
  }

  /** Returns a map for half the width of a page: 720 × 500 pixels. */
  public HeatMap half() {
    return new HeatMap(title, share, true);
  }

  /**
   * Draws the map.
   *
   * @param columns labels from left to right, one or more
   * @param rows labels from above downwards, one or more
   * @param values by row and column
   * @return a PNG of 1200 × 750 pixels, or {@link #half} of that
   */
  public byte[] png(
      String xTitle, List<String> columns, String yTitle, List<String> rows, double[][] values) {
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(half ? HALF_WIDTH : Plot.WIDTH)
            .height(half ? HALF_HEIGHT : Plot.HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    double highest = Arrays.stream(values).flatMapToDouble(Arrays::stream).max().orElse(0);
    style(chart.getStyler(), columns.size(), share ? 1 : Math.max(Math.ceil(highest), 1));
    // XChart counts rows from below.
    List<String> upwards = new ArrayList<>(rows);
    Collections.reverse(upwards);
    List<Number[]> cells = new ArrayList<>();
    for (int y = 0; y < rows.size(); y++) {
      for (int x = 0; x < columns.size(); x++) {
        cells.add(new Number[] {x, rows.size() - 1 - y, values[y][x]});
      }
    }
    chart.addSeries("value", columns, upwards, cells);
    try {
      return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot draw " + title, e);
    }
  }

  private void style(HeatMapStyler styler, int columns, double highest) {
    Plot.frame(styler);
    styler.setPlotContentSize(1);
    styler.setMin(0).setMax(highest);
    styler.setRangeColors(
        share ? new Color[] {BAD, BETWEEN, GOOD} : new Color[] {GOOD, BETWEEN, BAD});
    styler.setDrawBorder(true).setShowValue(columns <= LEGIBLE_COLUMNS);
    styler.setValueFont(styler.getAxisTickLabelsFont()).setValueFontColor(Plot.INK);
    styler.setHeatMapValueDecimalPattern("0.00");
    // Every cell shows its number: the scale of colours would only make them smaller.
    styler.setLegendVisible(!half || columns > LEGIBLE_COLUMNS);
  }
}
