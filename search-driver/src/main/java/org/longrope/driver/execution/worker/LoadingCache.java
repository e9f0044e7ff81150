package org.longrope.driver.execution.worker;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * A bounded map whose values are loaded at their first use, each once. Loading happens outside the
 * map's lock, so that keys do not wait for one another; a failed load is not kept. When the bound
 * is exceeded, the least recently used values are dropped. Safe for use by several threads.
 */
final class LoadingCache<K, V> {
  private final ToLongFunction<V> weigher;
  private final long capacity;

  /** In the order of their last use; guarded by this. */
  private final Map<K, CompletableFuture<V>> values = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Creates an empty cache.
   *
   * @param weigher gives the weight of a value, 0 or more
   * @param capacity the most that all values may weigh together
   */
  LoadingCache(ToLongFunction<V> weigher, long capacity) {
    this.weigher = weigher;
    this.capacity = capacity;
  }

  /**
   * Returns the value of a key, which the calling thread loads unless another one has or does.
   *
   * @throws RuntimeException that the load has thrown, in each thread that waits for it
   */
  V get(K key, Supplier<V> load) {
    CompletableFuture<V> own = new CompletableFuture<>();
    CompletableFuture<V> known;
    synchronized (this) {
      known = values.putIfAbsent(key, own);
    }
    if (known != null) {
      return join(known);
    }
    try {
      V value = load.get();
      own.complete(value);
      trim();
      return value;
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        values.remove(key, own);
      }
      own.completeExceptionally(e);
      throw e;
    }
  }

  private static <V> V join(CompletableFuture<V> value) {
    try {
      return value.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  private synchronized void trim() {
    long weight = loaded().stream().mapToLong(weigher).sum();
    Iterator<CompletableFuture<V>> eldest = values.values().iterator();
    while (weight > capacity && eldest.hasNext()) {
      CompletableFuture<V> value = eldest.next();
      if (isLoaded(value)) {
        weight -= weigher.applyAsLong(value.join());
        eldest.remove();
      }
    }
  }

  private static boolean isLoaded(CompletableFuture<?> value) {
    return value.isDone() && !value.isCompletedExceptionally();
  }

  /** Lists the values that are loaded, the least recently used first. */
  synchronized List<V> loaded() {
    List<V> loaded = new ArrayList<>();
    for (CompletableFuture<V> value : values.values()) {
      if (isLoaded(value)) {
        loaded.add(value.join());
      }
    }
    return loaded;
  }

  /** Drops a loaded value; returns whether it was in the cache. */
  synchronized boolean remove(V value) {
    return values.values().removeIf(known -> isLoaded(known) && known.join() == value);
  }
}
