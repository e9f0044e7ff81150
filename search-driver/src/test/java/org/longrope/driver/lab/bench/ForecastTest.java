package org.longrope.driver.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.longrope.driver.TinyWorld;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.ResidentModel;

class ForecastTest {
  private static final int LENGTH = 8192;

  private static ResidentModel model;

  /** Tokens of the evaluations that were measured. */
  private final List<Integer> measured = new ArrayList<>();

  @BeforeAll
  static void load() {
    model =
        ResidentModel.load(
            Checkpoint.open(TinyWorld.shared().model()), AttentionWindow.CONFIG, LENGTH);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private Forecast forecast(IntToDoubleFunction clock) {
    return new Forecast(
        model,
        AttentionWindow.CONFIG,
        false,
        length -> {
          measured.add(length);
          return clock.applyAsDouble(length);
        },
        length -> 3 * clock.applyAsDouble(length));
  }

  private static double flop(int length) {
    return EvaluationCost.of(model.config(), AttentionWindow.CONFIG, DType.F32, false, length)
        .flop();
  }

  @Test
  void seconds_mostMeasurementsDisturbed_goByTheUndisturbedOne() {
    double rate = 1e12;
    Forecast forecast =
        forecast(
            length -> flop(length) / rate * (measured.size() % 4 == 0 ? 1 : 25 + measured.size()));
    assertThat(forecast.seconds(LENGTH))
        .isCloseTo(flop(LENGTH) / rate, within(1e-9 * flop(LENGTH) / rate));
  }

  @Test
  void gradientCost_isItsTimeInEvaluations() {
    assertThat(forecast(length -> length * 0.5).gradientCost()).isCloseTo(3, within(1e-9));
  }

  @Test
  void measurements_shortEvaluations_areOfMoreTokens() {
    Forecast forecast = forecast(length -> length * 1e-5);
    assertThat(forecast.measuredTokens()).isEqualTo(1024);
    assertThat(forecast.measurements()).isEqualTo(5);
  }

  @Test
  void measurements_slowModel_areFewAndShort() {
    Forecast forecast = forecast(length -> length * 0.5);
    assertThat(forecast.measuredTokens()).isEqualTo(64);
    assertThat(measured).hasSize(3);
    assertThat(forecast.measurements()).isEqualTo(2);
  }
}
