package org.longrope.driver.store.cache;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.CacheKey;

/**
 * The results of one kind of CPU or GPU: files that agree, bit by bit, wherever they have the same
 * key. A class is trusted as a whole, by one result that was computed here as well, or not at all.
 */
final class HardwareClass {
  /** Entries by key and compute type. */
  private final Map<CacheKey, Map<String, CacheEntry>> entries = new HashMap<>();

  private Trust trust = Trust.OPEN;

  private enum Trust {
    OPEN,
    PROVED,
    REFUTED
  }

  /**
   * Adds an entry of the file that begins a class.
   *
   * @return false if it contradicts another entry
   */
  boolean add(CacheEntry entry) {
    CacheEntry first =
        entries
            .computeIfAbsent(entry.key(), key -> new HashMap<>())
            .putIfAbsent(entry.computeType(), entry);
    return first == null || first.agrees(entry);
  }

  /**
   * Looks a result up; null if there is none.
   *
   * @param computeType null for any
   */
  @Nullable CacheEntry get(CacheKey key, @Nullable String computeType) {
    Map<String, CacheEntry> known = entries.getOrDefault(key, Map.of());
    return computeType == null
        ? known.values().stream().findAny().orElse(null)
        : known.get(computeType);
  }

  /** Tells whether both have a key in common, and agree on all that they have in common. */
  boolean resembles(HardwareClass other) {
    if (entries.size() > other.entries.size()) {
      return other.resembles(this);
    }
    boolean common = false;
    for (Map<String, CacheEntry> known : entries.values()) {
      for (CacheEntry entry : known.values()) {
        CacheEntry there = other.get(entry.key(), entry.computeType());
        if (there != null) {
          if (!there.agrees(entry)) {
            return false;
          }
          common = true;
        }
      }
    }
    return common;
  }

  /** Merges both into one of them; the other is not to be used from then on. */
  HardwareClass mergeWith(HardwareClass other) {
    if (entries.size() < other.entries.size()) {
      return other.mergeWith(this);
    }
    other.entries.values().forEach(known -> known.values().forEach(this::add));
    return this;
  }

  /** Compares a result that was computed here. */
  void compare(CacheEntry live) {
    CacheEntry there = get(live.key(), live.computeType());
    if (there == null) {
      return;
    }
    if (!there.agrees(live)) {
      trust = Trust.REFUTED;
    } else if (trust == Trust.OPEN) {
      trust = Trust.PROVED;
    }
  }

  boolean isProved() {
    return trust == Trust.PROVED;
  }

  /** Tells whether no result that was computed here has decided yet. */
  boolean isOpen() {
    return trust == Trust.OPEN;
  }
}
