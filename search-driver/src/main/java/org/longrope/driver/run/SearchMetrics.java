package org.longrope.driver.run;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;
import org.longrope.driver.run.replay.RunState;

/**
 * The gauges of a search in Spark's metrics system, for every sink of metrics.properties:
 * driver.longrope.evaluations, .tokensPerSecond, .bestPerplexity, .queued, .rejected, .toGo,
 * .deviceSeconds, .modelLoads and .modelLoadSeconds (the sum over all loads).
 */
public final class SearchMetrics implements Source {
  private final MetricRegistry registry = new MetricRegistry();
  private final LongAdder loads = new LongAdder();
  private final DoubleAdder loadSeconds = new DoubleAdder();
  private final long begin = System.nanoTime();
  private volatile RunState state = new RunState(0, 0, 0, 0, 0, 0, 0, 0, 0, OptionalDouble.empty());

  public SearchMetrics() {
    gauge("evaluations", () -> state.evaluated());
    gauge("tokensPerSecond", () -> state.tokensHere() / ((System.nanoTime() - begin) * 1e-9));
    gauge("bestPerplexity", () -> state.best().orElse(Double.NaN));
    gauge("queued", () -> state.queued());
    gauge("rejected", () -> state.rejected());
    gauge("toGo", () -> state.toGo());
    gauge("deviceSeconds", () -> state.deviceSeconds());
    gauge("modelLoads", loads::sum);
    gauge("modelLoadSeconds", loadSeconds::sum);
  }

  private void gauge(String name, Gauge<? extends Number> value) {
    registry.register(name, value);
  }

  /** Registers the gauges with the metrics system of the running Spark context. */
  public void register() {
    SparkEnv.get().metricsSystem().registerSource(this);
  }

  /** Sets the progress of the search. */
  public void update(RunState now) {
    state = now;
  }

  /** Counts a load of the model by an executor. */
  public void modelLoaded(double seconds) {
    loads.increment();
    loadSeconds.add(seconds);
  }

  @Override
  public String sourceName() {
    return "longrope";
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }
}
