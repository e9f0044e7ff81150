package org.longrope.driver.lab.strategies;

/**
 * What strategies are compared on.
 *
 * @param name of its folder
 * @param model checkpoint
 * @param data evaluation partition that is searched on
 * @param heldOut evaluation partition that only what was found is measured on
 * @param targetLength tokens
 */
record Problem(String name, String model, String data, String heldOut, int targetLength) {}
