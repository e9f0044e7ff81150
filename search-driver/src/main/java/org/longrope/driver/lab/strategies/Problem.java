package org.longrope.driver.lab.strategies;

/**
 * Problem on which strategies are compared.
 *
 * @param name of its folder
 * @param model checkpoint
 * @param data evaluation partition that searches use
 * @param heldOut evaluation partition on which results are measured
 * @param targetLength tokens
 */
record Problem(String name, String model, String data, String heldOut, int targetLength) {}
