package org.longrope.driver.report.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Curves on two axes in the look of all plots: white, the found curve strong, the baselines thin
 * and told apart by colour and dash (colours of Okabe and Ito, which the colour-blind can tell
 * apart).
 *
 * <p>The vertical axis is logarithmic where its greatest value is more than four times its least.
 * Its ticks are octaves then, at 1, 2, 4 and so on.
 */
final class Plot {
  static final int WIDTH = 1200;
  static final int HEIGHT = 750;
  static final Color INK = new Color(0x333333);

  /** Ratio of greatest to least value beyond which an even scale would squeeze the low values. */
  private static final double LOGARITHMIC_FROM = 4;

  /** Pixels that remain for an axis, about. */
  private static final int TICK_SPACE = 600;

  /** Pixels of a digit under a plot: numbers must not run into each other. */
  private static final double DIGIT = 7;

  private static final Color FOUND = new Color(0x0072B2);
  private static final Color SPREAD = new Color(0x9CC9E3);
  private static final Color FAINT = new Color(0xBBBBBB);

  /** Methods known in closed form, which look the same in every plot; others take what is left. */
  private static final List<String> KNOWN = List.of("none", "pi", "ntk", "yarn");

  private static final List<Color> BASELINES =
      List.of(
          new Color(0x999999),
          new Color(0xE69F00),
          new Color(0x009E73),
          new Color(0xD55E00),
          new Color(0xCC79A7),
          new Color(0x000000),
          new Color(0x8C6BB1),
          new Color(0xA6761D));
  private static final List<float[]> DASHES =
      List.of(
          new float[] {2, 4},
          new float[] {10, 5},
          new float[] {10, 4, 2, 4},
          new float[] {5, 3},
          new float[] {14, 4},
          new float[] {4, 8},
          new float[] {12, 3, 3, 3},
          new float[] {2, 2});

  /** Colours that differ from those of the baselines, and from each other in grey. */
  private static final List<Color> MEASURED =
      List.of(
          FOUND,
          new Color(0x882255),
          new Color(0x56B4E9),
          new Color(0x117733),
          new Color(0x332288),
          new Color(0xAA4499));

  private final String title;
  private final String xTitle;
  private final String yTitle;
  private final Axis axis;
  private double low = Double.NaN;
  private double high = Double.NaN;
  private @Nullable String edgeWords;
  private int labelWidth = 60;
  private DoubleFunction<String> indexLabel = index -> String.format(Locale.ROOT, "%,.0f", index);

  Plot(String title, String xTitle, String yTitle, Axis axis) {
    this.title = title;
    this.xTitle = xTitle;
    this.yTitle = yTitle;
    this.axis = axis;
  }

  /** Sets the range of the vertical axis; curves end at its edges. */
  Plot range(double least, double greatest) {
    low = least;
    high = greatest;
    return this;
  }

  /** Writes words at the upper edge of the plot. */
  Plot edge(String words) {
    edgeWords = words;
    return this;
  }

  /** Sets the labels of the whole numbers of an index axis, and their greatest width in pixels. */
  Plot labels(DoubleFunction<String> label, int width) {
    indexLabel = label;
    labelWidth = width;
    return this;
  }

  /** Draws the curves as a PNG of 1200 × 750 pixels. */
  byte[] png(List<Curve> curves) {
    boolean ranged = !Double.isNaN(low);
    if (!ranged) {
      low = Curve.values(curves).min().orElse(1);
      high = Curve.values(curves).max().orElse(1);
    }
    boolean logarithmic = high > LOGARITHMIC_FROM * low && low > 0;
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    style(chart.getStyler(), curves, logarithmic);
    if (ranged || logarithmic) {
      // XChart's ticks begin with the least value.
      chart.getStyler().setYAxisMin(logarithmic ? Math.floor(octave(low)) : low);
      chart.getStyler().setYAxisMax(logarithmic ? octave(high) : high);
    }
    Styles styles = new Styles();
    for (Curve curve : curves) {
      styles.apply(
          curve,
          chart.addSeries(curve.label(), placed(curve.x()), plotted(curve.y(), logarithmic)));
    }
    if (axis == Axis.INDEX) {
      // XChart chooses round ticks only where values are not evenly spaced.
      chart
          .addSeries(" ", new double[] {0, 0.25}, new double[] {Double.NaN, Double.NaN})
          .setShowInLegend(false);
    }
    if (edgeWords != null) {
      double middle =
          curves.stream().flatMapToDouble(c -> Arrays.stream(c.x())).average().orElse(0);
      double top = logarithmic ? octave(high) : high;
      chart.addAnnotation(new AnnotationText(edgeWords, middle, top, false));
    }
    try {
      return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot draw " + title, e);
    }
  }

  /** Lines, marks and colours; the order of the curves gives each its colour. */
  private static final class Styles {
    private int others;
    private int measured;

    void apply(Curve curve, XYSeries series) {
      series.setMarker(SeriesMarkers.NONE);
      switch (curve.style()) {
        case FOUND -> {
          series.setLineColor(FOUND).setLineStyle(new BasicStroke(4.5f));
          series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(FOUND);
        }
        case MEASURED -> {
          Color colour = MEASURED.get(measured++ % MEASURED.size());
          series.setLineColor(colour).setLineStyle(new BasicStroke(2.6f));
          series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(colour);
        }
        case STEPS ->
            series
                .setLineColor(MEASURED.get(measured++ % MEASURED.size()))
                .setLineStyle(new BasicStroke(2.6f));
        case SEED -> {
          series.setLineColor(faint(MEASURED.get((measured - 1) % MEASURED.size())));
          series.setLineStyle(new BasicStroke(1f)).setShowInLegend(false);
        }
        case POINTS -> {
          series.setLineStyle(SeriesLines.NONE);
          series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(FAINT);
        }
        case CHOSEN -> {
          series.setLineStyle(SeriesLines.NONE);
          series.setMarker(SeriesMarkers.DIAMOND).setMarkerColor(MEASURED.get(1));
        }
        case MARK -> series.setLineColor(INK).setLineStyle(new BasicStroke(1f));
        case SPREAD -> series.setLineColor(SPREAD).setLineStyle(new BasicStroke(1.6f));
        case BASELINE, POINT -> {
          int known = KNOWN.indexOf(curve.name());
          int look =
              known >= 0 ? known : KNOWN.size() + others++ % (BASELINES.size() - KNOWN.size());
          series.setLineColor(BASELINES.get(look)).setLineStyle(dashed(DASHES.get(look)));
          if (curve.style() == CurveStyle.POINT) {
            series.setLineStyle(SeriesLines.NONE);
            series.setMarker(SeriesMarkers.SQUARE).setMarkerColor(BASELINES.get(look));
          }
        }
      }
    }
  }

  private void style(XYStyler styler, List<Curve> curves, boolean logarithmic) {
    frame(styler);
    styler.setPlotGridLinesColor(new Color(0xE5E5E5));
    styler.setPlotGridLinesStroke(new BasicStroke(1f));
    styler.setMarkerSize(7).setAntiAlias(true);
    styler.setXAxisTickMarkSpacingHint(labelWidth + 20).setYAxisTickMarkSpacingHint(60);
    styler.setAnnotationTextFont(styler.getAxisTickLabelsFont()).setAnnotationTextFontColor(INK);
    styler.setxAxisTickLabelsFormattingFunction(
        switch (axis) {
          // A label between two whole numbers would say nothing.
          case INDEX -> tick -> tick == Math.rint(tick) ? indexLabel.apply(tick) : "";
          case LENGTH -> tick -> tick == Math.rint(tick) ? number(Math.pow(2, tick)) : "";
          case VALUE -> Plot::number;
        });
    styler.setyAxisTickLabelsFormattingFunction(
        logarithmic
            ? tick -> tick == Math.rint(tick) ? number(Math.pow(2, tick)) : ""
            : Plot::number);
    if (logarithmic) {
      styler.setYAxisTickMarkSpacingHint(octaveHint(high / low, 30));
    }
    if (axis == Axis.INDEX) {
      styler.setXAxisMin(0.0);
    } else if (axis == Axis.LENGTH) {
      double longest = curves.stream().flatMapToDouble(c -> Arrays.stream(c.x())).max().orElse(1);
      double label = DIGIT * number(Math.rint(longest)).length();
      styler.setXAxisTickMarkSpacingHint(octaveHint(Curve.stretch(curves), label));
      styler.setXAxisMin(Math.floor(octave(Curve.least(curves))));
    }
  }

  /** Sets fonts, colours and margins of every plot. */
  static void frame(AxesChartStyler styler) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 16);
    styler.setBaseFont(font);
    styler.setChartTitleFont(font.deriveFont(Font.BOLD, 20f)).setChartTitleBoxVisible(false);
    styler.setChartTitlePadding(12).setChartPadding(16);
    styler.setChartBackgroundColor(Color.WHITE).setChartFontColor(INK);
    styler.setPlotBackgroundColor(Color.WHITE).setPlotBorderVisible(false);
    styler.setPlotContentSize(0.96);
    styler.setLegendPosition(Styler.LegendPosition.OutsideE).setLegendBorderColor(Color.WHITE);
    styler.setLegendFont(font).setLegendSeriesLineLength(36);
    styler.setAxisTitleFont(font).setAxisTickLabelsFont(font.deriveFont(14f));
    styler.setAxisTickMarksColor(INK).setAxisTickLabelsColor(INK);
    styler.setYAxisLabelAlignment(AxesChartStyler.TextAlignment.Right);
    styler.setAxisTitlePadding(12).setAxisTickPadding(6);
    styler.setLocale(Locale.ROOT);
  }

  private double[] placed(double[] x) {
    return axis == Axis.LENGTH ? Arrays.stream(x).map(Plot::octave).toArray() : x;
  }

  /**
   * Converts values to octaves where the axis is logarithmic: XChart's own logarithmic axis has
   * ticks at decades, of which there may be none.
   */
  private static double[] plotted(double[] y, boolean logarithmic) {
    return Arrays.stream(y)
        .map(value -> !Double.isFinite(value) ? Double.NaN : logarithmic ? octave(value) : value)
        .toArray();
  }

  private static double octave(double value) {
    return Math.log(value) / Math.log(2);
  }

  /** Returns pixels between ticks at octaves, or at every second, fifth or tenth of many. */
  private static int octaveHint(double ratio, double label) {
    double octaves = octave(ratio);
    int step =
        IntStream.of(1, 2, 5)
            .filter(apart -> TICK_SPACE * apart / octaves >= label)
            .findFirst()
            .orElse(10);
    return (int) (TICK_SPACE * step / octaves);
  }

  private static String number(double value) {
    DecimalFormat format =
        new DecimalFormat("#,##0", DecimalFormatSymbols.getInstance(Locale.ROOT));
    format.setMaximumFractionDigits(6);
    return format.format(value);
  }

  private static Color faint(Color colour) {
    return new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 110);
  }

  private static BasicStroke dashed(float[] dash) {
    return new BasicStroke(2.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dash, 0);
  }
}
