package org.longrope.driver.run.results;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.longrope.driver.report.plot.FrontPlot;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Table;

/**
 * Rescalings to choose among: no other has a perplexity as low at both lengths and lower at one. Of
 * rescalings with equal perplexities the front holds one: the found one, else a known method, else
 * the one with the fewest start tokens. The order in which executors answered makes no difference.
 *
 * @param targetLength of a long text, tokens
 * @param originalWindow length of a short text, tokens
 * @param all rescalings of a search, in any order
 * @param front those to choose among, from the best at long texts to the best at short ones
 */
public record ParetoFront(
    int targetLength, int originalWindow, List<TradeOff> all, List<TradeOff> front) {
  /** Rescalings that the table has at most; the plot shows all. */
  private static final int SHOWN = 12;

  private static final Comparator<TradeOff> BY_LENGTH =
      Comparator.comparingDouble(TradeOff::longPerplexity)
          .thenComparingDouble(TradeOff::shortPerplexity)
          .thenComparing(tradeOff -> !tradeOff.isFound())
          .thenComparing(tradeOff -> tradeOff.method().equals(TradeOff.CANDIDATE))
          .thenComparingInt(tradeOff -> tradeOff.rescaling().startTokens())
          .thenComparingDouble(tradeOff -> tradeOff.rescaling().attentionFactor())
          .thenComparing(tradeOff -> tradeOff.rescaling().factors().toArray(), Arrays::compare);

  public ParetoFront {
    all = List.copyOf(all);
    front = List.copyOf(front);
  }

  /** Finds the front of all that were measured. */
  public static ParetoFront of(int targetLength, int originalWindow, List<TradeOff> all) {
    List<TradeOff> front = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (TradeOff tradeOff : all.stream().sorted(BY_LENGTH).toList()) {
      // Those before it in this order are as good at long texts.
      if (tradeOff.shortPerplexity() < least) {
        least = tradeOff.shortPerplexity();
        front.add(tradeOff);
      }
    }
    return new ParetoFront(targetLength, originalWindow, all, front);
  }

  /** Returns at most twelve, evenly spread over the front, with both ends and the found one. */
  public List<TradeOff> shown() {
    int last = front.size() - 1;
    if (last < SHOWN) {
      return front;
    }
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < SHOWN; i++) {
      places.add(Math.round((float) i * last / (SHOWN - 1)));
    }
    int found = foundPlace();
    if (found >= 0 && !places.contains(found)) {
      Integer nearest =
          places.subList(1, SHOWN - 1).stream()
              .min(Comparator.comparingInt(place -> Math.abs(place - found)))
              .orElseThrow();
      places.remove(nearest);
      places.add(found);
    }
    return new TreeSet<>(places).stream().map(front::get).toList();
  }

  /** Returns the place of the found one in the front; −1 if a known method is better. */
  private int foundPlace() {
    return front.stream().map(TradeOff::isFound).toList().indexOf(true);
  }

  /** Returns the name of the file with the factors of one that is shown, counted from 1. */
  public static String file(int number) {
    return "front-" + number + ".json";
  }

  /** Returns a sentence and a table of those that are shown. */
  public String toText() {
    Table table =
        new Table(
            Column.text("factors"),
            Column.text("method"),
            Column.perplexity(String.format(Locale.ROOT, "ppl at %,d", targetLength)),
            Column.perplexity(String.format(Locale.ROOT, "ppl at %,d", originalWindow)),
            Column.count("start tokens"),
            Column.decimals("attention factor", 4));
    List<TradeOff> shown = shown();
    for (int i = 0; i < shown.size(); i++) {
      TradeOff tradeOff = shown.get(i);
      table.add(
          file(i + 1),
          (tradeOff.isFound() ? "* " : "") + tradeOff.method(),
          tradeOff.longPerplexity(),
          tradeOff.shortPerplexity(),
          tradeOff.rescaling().startTokens(),
          tradeOff.rescaling().attentionFactor());
    }
    return sentence() + System.lineSeparator() + table.toText();
  }

  private String sentence() {
    return String.format(
        Locale.ROOT,
        "Long against short: %,d of %,d rescalings%s are such that no other is as good at both,"
            + " measured on all documents of the search.%s",
        front.size(),
        all.size(),
        front.size() > SHOWN ? " (" + SHOWN + " shown)" : "",
        foundPlace() < 0 ? " The found one is not among them." : "");
  }

  /** Draws all rescalings with the front, as a PNG. */
  public byte[] toPng() {
    return FrontPlot.png(
        targetLength,
        originalWindow,
        all.stream().map(TradeOff::toPoint).toList(),
        front.stream().map(TradeOff::toPoint).toList());
  }

  /** Returns the whole front with all factors, and the files of those that are shown. */
  public ArrayNode toJson() {
    List<TradeOff> shown = shown();
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (TradeOff tradeOff : front) {
      int place = shown.indexOf(tradeOff);
      json.add(place < 0 ? tradeOff.toJson() : tradeOff.toJson().put("file", file(place + 1)));
    }
    return json;
  }
}
