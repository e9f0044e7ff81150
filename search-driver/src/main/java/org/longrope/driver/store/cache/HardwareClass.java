package org.longrope.driver.store.cache;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one kind of CPU or GPU has answered: files that say the same, bit by bit, wherever they
 * answer the same question. It is believed as one, by its answer to a question that was evaluated
 * here as well, or not at all.
 */
final class HardwareClass {
  /** By question and compute type. */
  private final Map<CacheEntry.Question, Map<String, CacheEntry>> entries = new HashMap<>();

  private Belief belief = Belief.OPEN;

  private enum Belief {
    OPEN,
    PROVED,
    REFUTED
  }

  /**
   * Adds an entry of a file that begins a kind.
   *
   * @return false if it contradicts one that is there
   */
  boolean add(CacheEntry entry) {
    CacheEntry first =
        entries
            .computeIfAbsent(entry.question(), question -> new HashMap<>())
            .putIfAbsent(entry.computeType(), entry);
    return first == null || first.agrees(entry);
  }

  /**
   * The answer to a question; null if there is none.
   *
   * @param computeType in which; null for any
   */
  @Nullable CacheEntry answer(CacheEntry.Question question, @Nullable String computeType) {
    Map<String, CacheEntry> known = entries.getOrDefault(question, Map.of());
    return computeType == null
        ? known.values().stream().findAny().orElse(null)
        : known.get(computeType);
  }

  /** Whether both have answered a question, and no question differently. */
  boolean resembles(HardwareClass other) {
    if (entries.size() > other.entries.size()) {
      return other.resembles(this);
    }
    boolean meet = false;
    for (Map<String, CacheEntry> known : entries.values()) {
      for (CacheEntry entry : known.values()) {
        CacheEntry there = other.answer(entry.question(), entry.computeType());
        if (there != null) {
          if (!there.agrees(entry)) {
            return false;
          }
          meet = true;
        }
      }
    }
    return meet;
  }

  /** Both as one; neither is to be used from then on. */
  HardwareClass with(HardwareClass other) {
    if (entries.size() < other.entries.size()) {
      return other.with(this);
    }
    other.entries.values().forEach(known -> known.values().forEach(this::add));
    return this;
  }

  /** Learns what an evaluator here has answered. */
  void compare(CacheEntry live) {
    CacheEntry there = answer(live.question(), live.computeType());
    if (there == null) {
      return;
    }
    if (!there.agrees(live)) {
      belief = Belief.REFUTED;
    } else if (belief == Belief.OPEN) {
      belief = Belief.PROVED;
    }
  }

  boolean isProved() {
    return belief == Belief.PROVED;
  }

  /** Whether no answer of an evaluator here has told yet. */
  boolean isOpen() {
    return belief == Belief.OPEN;
  }
}
