package org.longrope.eval.decoder;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share a forward pass on a CPU. Each computes whole parts of a layer (a block of
 * positions, a head) with libtorch on one thread, and takes the next part when it is done. So no
 * thread spins while it waits for another, a thread that shares its core with another program takes
 * fewer parts, and a part's numbers do not depend on how many threads there are.
 */
final class EvaluationThreads {
  private static final AtomicInteger NAMES = new AtomicInteger();

  /** Pool whose threads end after a minute without work. */
  private static final ExecutorService HELPERS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "evaluation-" + NAMES.incrementAndGet());
            thread.setDaemon(true);
            return thread;
          });

  private static volatile int count = 1;

  private EvaluationThreads() {}

  /** Sets how many threads one forward pass may use, at least 1. */
  static void use(int threads) {
    count = threads;
  }

  /** Returns how many threads one forward pass may use. */
  static int count() {
    return count;
  }

  /**
   * Computes all parts on the calling thread and helpers, and returns when the last is done.
   *
   * @param parts how many; each is computed once
   * @param part computes the part of an index 0 … parts−1
   * @throws RuntimeException of the part that failed first; no further part begins then
   */
  static void run(int parts, IntConsumer part) {
    AtomicInteger next = new AtomicInteger();
    Runnable worker =
        () -> {
          try {
            // A new thread would begin with OpenMP's and MKL's own number of threads.
            JniUtils.setNumThreads(1);
            for (int i = next.getAndIncrement(); i < parts; i = next.getAndIncrement()) {
              part.accept(i);
            }
          } catch (RuntimeException | Error e) {
            next.set(parts);
            throw e;
          }
        };
    List<Future<?>> helpers = new ArrayList<>();
    for (int i = 1; i < Math.min(count, parts); i++) {
      helpers.add(HELPERS.submit(worker));
    }
    Throwable failure = null;
    try {
      worker.run();
    } catch (RuntimeException | Error e) {
      failure = e;
    }
    for (Future<?> helper : helpers) {
      Throwable other = end(helper);
      failure = failure == null ? other : failure;
    }
    if (failure instanceof Error error) {
      throw error;
    } else if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }

  /** Waits for a helper through interrupts: its part uses tensors that the caller will free. */
  private static @Nullable Throwable end(Future<?> helper) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          helper.get();
          return null;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException | CancellationException e) {
          return e.getCause();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
