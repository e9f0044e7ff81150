package org.longrope.driver.execution.worker;

import org.longrope.eval.BadInputException;

/** A check that this host has the content that the driver has read. */
public final class RequiredHash {
  private RequiredHash() {}

  /**
   * Compares hashes.
   *
   * @param what names the content in the message
   * @throws BadInputException if they differ
   */
  public static void check(String what, String expected, String actual) {
    if (!actual.equals(expected)) {
      throw BadInputException.of(
          "%s has other content here (%s…) than on the driver (%s…): expected the same files on"
              + " every host.",
          what, actual.substring(0, 12), expected.substring(0, 12));
    }
  }
}
