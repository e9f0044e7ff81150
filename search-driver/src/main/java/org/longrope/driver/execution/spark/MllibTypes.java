package org.longrope.driver.execution.spark;

import java.util.List;
import java.util.stream.Stream;

/**
 * The result types of the tasks of MLlib's linear regression: the normal equations, and the summary
 * that every fit computes. They are private in MLlib and can only be loaded by name.
 */
final class MllibTypes {
  private static final String STATISTICS = "org.apache.spark.ml.stat.";

  private static final List<String> SUMMARIES =
      List.of(
          "ComputeL1",
          "ComputeM2",
          "ComputeM2n",
          "ComputeMean",
          "ComputeWeightSum",
          "Mean",
          "NormL1",
          "NormL2",
          "Variance");

  private MllibTypes() {}

  /**
   * Loads all types.
   *
   * @throws IllegalStateException if the MLlib is of another version
   */
  static List<Class<?>> all(ClassLoader loader) {
    return Stream.concat(
            Stream.of(
                "org.apache.spark.ml.optim.WeightedLeastSquares$Aggregator",
                STATISTICS + "SummarizerBuffer"),
            SUMMARIES.stream().map(name -> STATISTICS + "SummaryBuilderImpl$" + name + "$"))
        .<Class<?>>map(name -> named(name, loader))
        .toList();
  }

  private static Class<?> named(String name, ClassLoader loader) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "This Spark's MLlib has no " + name + ": expected Spark 4.1 with its MLlib", e);
    }
  }
}
