package org.longrope.datasets;

/**
 * A stored document without its tokens.
 *
 * @param id unique in the partition
 * @param title its title, or its path where it has none
 * @param tokenCount how many tokens are stored, at least 1
 * @param position its place in the partition, from 0
 */
public record DocumentDescriptor(String id, String title, int tokenCount, int position) {}
