package org.longrope.driver.execution;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.InstructionSet;

/**
 * Watch over the kinds of hardware that the numbers of one result come from.
 *
 * <p>The reproducibility that this program promises: the same inputs, settings and seed give the
 * same bits on any number of executors and threads, and after any interruption, as long as the
 * {@link InstructionSet} that libtorch computes with (or the kind of GPU) and the version of
 * libtorch stay the same; the bits of a fine-tuning depend on its threads, too. Where one of them
 * differs, sums of floats differ in their last bits, by less than 1e-6 of a document's NLL. A
 * search may then choose other factors. What is stored is never computed again, so a result that is
 * continued on another kind stays consistent, but nothing reproduces it: a warning says so.
 */
public final class HardwareWatch {
  private final Consumer<String> warning;
  private final Set<String> kinds = new LinkedHashSet<>();

  /**
   * Watches the hardware of results.
   *
   * @param warning receives one sentence for each kind after the first
   */
  public HardwareWatch(Consumer<String> warning) {
    this.warning = warning;
  }

  /**
   * Learns of a number that an earlier process stored.
   *
   * @param hardware that it was computed on; null if that is not known
   */
  public void stored(@Nullable String hardware) {
    if (hardware != null) {
      kinds.add(hardware);
    }
  }

  /**
   * Learns of a number that was computed now.
   *
   * @param hardware that it was computed on; null if that is not known
   */
  public void computed(@Nullable String hardware) {
    if (hardware == null || kinds.contains(hardware)) {
      return;
    }
    if (!kinds.isEmpty()) {
      warning.accept(
          String.format(
              "Numbers were computed on %s before and are now computed on %s: they agree to 1e-6,"
                  + " but only hardware of one kind gives the same bits again; use one kind where"
                  + " the result must be reproduced.",
              String.join(" and ", kinds), hardware));
    }
    kinds.add(hardware);
  }
}
