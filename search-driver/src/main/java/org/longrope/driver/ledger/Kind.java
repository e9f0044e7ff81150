package org.longrope.driver.ledger;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one kind of CPU or GPU has answered: files that say the same, bit by bit, wherever they
 * answer the same question. It is believed as one, by its answer to a question that was evaluated
 * here as well, or not at all.
 */
final class Kind {
  /** By question and compute type. */
  private final Map<Entry.Question, Map<String, Entry>> entries = new HashMap<>();

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
  boolean add(Entry entry) {
    Entry first =
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
  @Nullable Entry answer(Entry.Question question, @Nullable String computeType) {
    Map<String, Entry> known = entries.getOrDefault(question, Map.of());
    return computeType == null
        ? known.values().stream().findAny().orElse(null)
        : known.get(computeType);
  }

  /** Whether both have answered a question, and no question differently. */
  boolean resembles(Kind other) {
    if (entries.size() > other.entries.size()) {
      return other.resembles(this);
    }
    boolean meet = false;
    for (Map<String, Entry> known : entries.values()) {
      for (Entry entry : known.values()) {
        Entry there = other.answer(entry.question(), entry.computeType());
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
  Kind with(Kind other) {
    if (entries.size() < other.entries.size()) {
      return other.with(this);
    }
    other.entries.values().forEach(known -> known.values().forEach(this::add));
    return this;
  }

  /** Learns what an evaluator here has answered. */
  void compare(Entry live) {
    Entry there = answer(live.question(), live.computeType());
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
