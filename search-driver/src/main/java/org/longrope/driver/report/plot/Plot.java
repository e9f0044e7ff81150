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
import java.util.stream.IntStream;
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
 * How all plots look: white, the found curve strong, the baselines thin and told apart by colour
 * and dash (Okabe and Ito's colours, safe for the colour-blind).
 */
record Plot(String title, String xTitle, String yTitle, boolean logarithmic, Across across) {
  /** What the horizontal axis shows. */
  enum Across {
    /** Generations, pairs or steps, evenly spaced. */
    STEPS,

    /** Whole numbers, logarithmic. */
    LENGTHS,

    /** As the vertical axis, logarithmic. */
    VALUES
  }

  static final int WIDTH = 1200;
  static final int HEIGHT = 750;

  /** About the pixels that remain for an axis. */
  private static final int TICK_SPACE = 600;

  /** Of a digit under a plot, pixels: numbers must not run into each other. */
  private static final double DIGIT = 7;

  private static final Color FOUND = new Color(0x0072B2);
  private static final Color MEDIAN = new Color(0x56B4E9);
  private static final Color FAINT = new Color(0xBBBBBB);
  static final Color INK = new Color(0x333333);

  /** The methods known in closed form look the same in every plot; others take what is left. */
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

  /** Apart from the baselines' colours, and from each other in grey. */
  private static final List<Color> MEASURED =
      List.of(
          FOUND,
          new Color(0x882255),
          new Color(0x56B4E9),
          new Color(0x117733),
          new Color(0x332288),
          new Color(0xAA4499));

  Plot(String title, String xTitle, String yTitle, boolean logarithmic) {
    this(title, xTitle, yTitle, logarithmic, Across.STEPS);
  }

  byte[] png(List<Curve> curves) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    style(chart.getStyler());
    if (logarithmic) {
      chart.getStyler().setYAxisTickMarkSpacingHint(octaveHint(Curve.spread(curves)));
    }
    if (across == Across.LENGTHS) {
      chart.getStyler().setXAxisTickMarkSpacingHint(lengthHint(curves));
      // XChart's ticks begin with the least value.
      chart.getStyler().setXAxisMin(Math.floor(octave(Curve.least(curves))));
    } else if (across == Across.VALUES) {
      chart.getStyler().setXAxisTickMarkSpacingHint(octaveHint(Curve.stretch(curves)));
    }
    int others = 0;
    int measured = 0;
    for (Curve curve : curves) {
      double[] x = across == Across.STEPS ? curve.x() : octaves(curve.x());
      XYSeries series = chart.addSeries(curve.label(), x, plotted(curve.y()));
      series.setMarker(SeriesMarkers.NONE);
      switch (curve.role()) {
        case FOUND -> {
          series.setLineColor(FOUND).setLineStyle(new BasicStroke(3.5f));
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
        case SPREAD -> series.setLineColor(MEDIAN).setLineStyle(new BasicStroke(2f));
        case BASELINE, POINT -> {
          int known = KNOWN.indexOf(curve.name());
          int look = known >= 0 ? known : KNOWN.size() + others++ % 2;
          series.setLineColor(BASELINES.get(look)).setLineStyle(dashed(DASHES.get(look)));
          if (curve.role() == Curve.Role.POINT) {
            series.setLineStyle(SeriesLines.NONE);
            series.setMarker(SeriesMarkers.SQUARE).setMarkerColor(BASELINES.get(look));
          }
        }
      }
    }
    try {
      return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot draw " + title, e);
    }
  }

  private void style(XYStyler styler) {
    frame(styler);
    styler.setPlotGridLinesColor(new Color(0xE5E5E5));
    styler.setPlotGridLinesStroke(new BasicStroke(1f));
    styler.setMarkerSize(7).setAntiAlias(true);
    styler.setXAxisTickMarkSpacingHint(80).setYAxisTickMarkSpacingHint(60);
    styler.setxAxisTickLabelsFormattingFunction(
        switch (across) {
          // Generations and pairs are whole: a tick between two of them would say nothing.
          case STEPS -> tick -> wholeLabel(tick, tick);
          case LENGTHS -> tick -> wholeLabel(tick, Math.pow(2, tick));
          case VALUES -> Plot::octaveLabel;
        });
    styler.setyAxisTickLabelsFormattingFunction(
        logarithmic ? Plot::octaveLabel : tick -> number(tick, 6));
  }

  /** Fonts, colours and margins of every plot. */
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

  /**
   * XChart's own logarithmic axis has ticks at decades, of which there may be none; ours are
   * octaves, on an axis that it takes for linear.
   */
  private double[] plotted(double[] y) {
    double[] plotted = y.clone();
    for (int i = 0; i < y.length; i++) {
      if (!Double.isFinite(y[i])) {
        plotted[i] = Double.NaN;
      } else if (logarithmic) {
        plotted[i] = octave(y[i]);
      }
    }
    return plotted;
  }

  private static double[] octaves(double[] x) {
    return Arrays.stream(x).map(Plot::octave).toArray();
  }

  private static double octave(double value) {
    return Math.log(value) / Math.log(2);
  }

  /**
   * Pixels between ticks for which XChart, choosing among 1, 2, 5 and 10, takes octaves or halves.
   */
  private static int octaveHint(double spread) {
    double octaves = Math.max(octave(spread), 0.1);
    double step =
        octaves > 24 ? 5 : octaves > 12 ? 2 : octaves >= 4 ? 1 : octaves >= 1.5 ? 0.5 : octaves / 4;
    return (int) Math.round(TICK_SPACE * step / octaves);
  }

  /** Pixels between ticks at octaves, or at every second, fifth or tenth if there are many. */
  private static int lengthHint(List<Curve> curves) {
    double octaves = octave(Curve.stretch(curves));
    double longest = curves.stream().flatMapToDouble(c -> Arrays.stream(c.x())).max().orElse(1);
    double label = DIGIT * String.format(Locale.ROOT, "%,.0f", longest).length();
    int apart =
        IntStream.of(1, 2, 5)
            .filter(step -> TICK_SPACE * step / octaves >= label)
            .findFirst()
            .orElse(10);
    return (int) (TICK_SPACE * apart / octaves);
  }

  private static String octaveLabel(double tick) {
    double whole = Math.rint(tick);
    double value = Math.pow(2, Math.abs(tick - whole) < 1e-6 ? whole : tick);
    return number(value, value >= 1 && value == Math.rint(value) ? 0 : 2);
  }

  private static String number(double value, int decimals) {
    DecimalFormat format =
        new DecimalFormat("#,##0", DecimalFormatSymbols.getInstance(Locale.ROOT));
    format.setMaximumFractionDigits(decimals);
    return format.format(value);
  }

  private static String wholeLabel(double tick, double value) {
    return tick == Math.rint(tick) ? String.format(Locale.ROOT, "%,.0f", value) : "";
  }

  private static Color faint(Color colour) {
    return new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 110);
  }

  private static BasicStroke dashed(float[] dash) {
    return new BasicStroke(2.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dash, 0);
  }
}
