package org.longrope.driver.report.table;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Of all rescalings of a search those to choose among: none other reads both long and short texts
 * as well and one of them better. Of several that read both the same, the found one stands for all,
 * else a known method, else the one with the fewest start tokens: the order in which they came,
 * which is that of executors' answers, makes no difference.
 *
 * @param targetLength of a long text, tokens
 * @param originalWindow length of a short text, tokens
 * @param all in any order
 * @param front from the best at long texts to the best at short ones
 */
public record ParetoFront(
    int targetLength, int originalWindow, List<TradeOff> all, List<TradeOff> front) {
  /** A choice among more would have to be made by plot. */
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

  /** The front of all that were measured. */
  public static ParetoFront of(int targetLength, int originalWindow, List<TradeOff> all) {
    List<TradeOff> front = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (TradeOff tradeOff : all.stream().sorted(BY_LENGTH).toList()) {
      // All before it are as good at long texts.
      if (tradeOff.shortPerplexity() < least) {
        least = tradeOff.shortPerplexity();
        front.add(tradeOff);
      }
    }
    return new ParetoFront(targetLength, originalWindow, all, front);
  }

  /** At most twelve of the front, evenly spread over it, both ends and the found one among them. */
  public List<TradeOff> shown() {
    int last = front.size() - 1;
    if (last < SHOWN) {
      return front;
    }
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < SHOWN; i++) {
      places.add(Math.round((float) i * last / (SHOWN - 1)));
    }
    int found = found();
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

  /** Of the found one in the front; −1 if a method that was known is better. */
  private int found() {
    return front.stream().map(TradeOff::isFound).toList().indexOf(true);
  }

  /** The name of the file that has the factors of one that is shown, counted from 1. */
  public static String file(int number) {
    return "front-" + number + ".json";
  }

  /** A sentence and a table of what is shown. */
  public String toText() {
    List<TradeOff> shown = shown();
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of(
            "factors",
            "method",
            String.format(Locale.ROOT, "ppl at %,d", targetLength),
            String.format(Locale.ROOT, "ppl at %,d", originalWindow),
            "start tokens",
            "attention factor"));
    for (int i = 0; i < shown.size(); i++) {
      TradeOff tradeOff = shown.get(i);
      lines.add(
          List.of(
              file(i + 1),
              (tradeOff.isFound() ? "* " : "") + tradeOff.method(),
              TextTable.perplexity(tradeOff.longPerplexity()),
              TextTable.perplexity(tradeOff.shortPerplexity()),
              Integer.toString(tradeOff.rescaling().startTokens()),
              String.format(Locale.ROOT, "%.4f", tradeOff.rescaling().attentionFactor())));
    }
    return sentence() + System.lineSeparator() + TextTable.aligned(lines, 2);
  }

  private String sentence() {
    return String.format(
        Locale.ROOT,
        "Long against short: %,d of %,d rescalings%s are such that no other is as good at both,"
            + " measured on all documents of the search.%s",
        front.size(),
        all.size(),
        front.size() > SHOWN ? " (" + SHOWN + " shown)" : "",
        found() < 0 ? " The found one is not among them." : "");
  }

  /** The whole front with all factors, and the files of those that are shown. */
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
