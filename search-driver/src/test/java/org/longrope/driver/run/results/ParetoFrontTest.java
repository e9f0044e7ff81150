package org.longrope.driver.run.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

class ParetoFrontTest {
  private static int made;

  private static TradeOff at(double atTarget, double atWindow) {
    return named(TradeOff.CANDIDATE, atTarget, atWindow);
  }

  private static TradeOff named(String method, double atTarget, double atWindow) {
    Rescaling own = new Rescaling(RescaleFactors.of(1, 1 + 0.01 * made++), 4, 1.25);
    return new TradeOff(method, own, atTarget, atWindow);
  }

  private static ParetoFront front(TradeOff... all) {
    return ParetoFront.of(2048, 256, Arrays.asList(all));
  }

  @Test
  void front_anyRescalings_holdsThoseThatNoOtherBeats() {
    TradeOff longest = at(5, 9);
    TradeOff middle = at(6, 7);
    TradeOff shortest = at(9, 4);
    ParetoFront front =
        front(at(6, 7.5), shortest, at(5, 9.5), middle, at(9, 5), longest, at(10, 4), at(7, 8));
    assertThat(front.front()).containsExactly(longest, middle, shortest);
    assertThat(front.shown()).isEqualTo(front.front());
  }

  @Test
  void front_equalRescalings_holdsTheFoundOneElseAKnownOne() {
    TradeOff found = named(TradeOff.FOUND, 5, 6);
    TradeOff known = named("yarn", 5, 6);
    assertThat(front(at(5, 6), known, found, at(5, 6)).front()).containsExactly(found);
    assertThat(front(at(5, 6), known, at(6, 5)).front()).startsWith(known).hasSize(2);
  }

  @Test
  void front_anyOrderOfArrival_isEqual() {
    List<TradeOff> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(at(1 + i % 3, 3 - i % 3));
    }
    ParetoFront front = ParetoFront.of(2048, 256, all);
    Collections.shuffle(all, new Random(3));
    assertThat(ParetoFront.of(2048, 256, all).front()).hasSize(3).isEqualTo(front.front());
  }

  @Test
  void front_randomRescalings_equalsItsDefinition() {
    Random random = new Random(2);
    for (int trial = 0; trial < 50; trial++) {
      List<TradeOff> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        // On a grid, so that some are equal in one or both.
        all.add(at(1 + random.nextInt(20), 1 + random.nextInt(20)));
      }
      List<List<Double>> expected =
          all.stream()
              .filter(one -> all.stream().noneMatch(other -> isBetter(other, one)))
              .map(ParetoFrontTest::values)
              .distinct()
              .toList();
      assertThat(ParetoFront.of(2048, 256, all).front())
          .extracting(ParetoFrontTest::values)
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private static boolean isBetter(TradeOff one, TradeOff other) {
    return one.longPerplexity() <= other.longPerplexity()
        && one.shortPerplexity() <= other.shortPerplexity()
        && (one.longPerplexity() < other.longPerplexity()
            || one.shortPerplexity() < other.shortPerplexity());
  }

  private static List<Double> values(TradeOff one) {
    return List.of(one.longPerplexity(), one.shortPerplexity());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 17, 38, 39})
  void shown_manyOnTheFront_areTwelveWithBothEndsAndTheFoundOne(int found) {
    List<TradeOff> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      all.add(named(i == found ? TradeOff.FOUND : TradeOff.CANDIDATE, 10 + i, 60 - i));
    }
    ParetoFront front = ParetoFront.of(2048, 256, all);
    assertThat(front.front()).isEqualTo(all);
    assertThat(front.shown())
        .hasSize(12)
        .startsWith(all.get(0))
        .endsWith(all.get(39))
        .contains(all.get(found))
        .isSubsetOf(all);
    List<Integer> places = front.shown().stream().map(all::indexOf).toList();
    for (int i = 1; i < places.size(); i++) {
      assertThat(places.get(i) - places.get(i - 1)).isBetween(1, 6);
    }
    assertThat(front.toText()).contains("40 of 40 rescalings (12 shown)").hasLineCount(14);
    assertThat(front.toJson()).hasSize(40);
    assertThat(front.toJson().findValuesAsText("file")).hasSize(12).endsWith("front-12.json");
  }

  @Test
  void text_foundOnTheFrontOrNot_saysSo() {
    TradeOff yarn = named("yarn", 5, 6);
    assertThat(front(yarn, named(TradeOff.FOUND, 6, 5.5), at(7, 7)).toText())
        .isEqualTo(
            """
            Long against short: 2 of 3 rescalings are such that no other is as good at both, measured on all documents of the search.
            factors       method   ppl at 2,048  ppl at 256  start tokens  attention factor
            front-1.json  yarn            5.000       6.000             4            1.2500
            front-2.json  * found         6.000       5.500             4            1.2500
            """);
    assertThat(front(yarn, named(TradeOff.FOUND, 6, 6.5)).toText())
        .contains("The found one is not among them.");
  }
}
