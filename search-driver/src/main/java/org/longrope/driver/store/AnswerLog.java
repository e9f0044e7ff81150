package org.longrope.driver.store;

import java.io.IOException;

/** Lines that are appended to and outlive the machine, with one writer at a time. */
interface AnswerLog extends AutoCloseable {
  /** Name of the file, or of the folder of its parts, in the output directory. */
  String FILE = "answers.jsonl";

  /** Reads the whole lines; what a dying process cut off is left out and forgotten. */
  String read() throws IOException;

  /** Appends whole lines; when this returns they outlive the machine. */
  void append(String lines) throws IOException;

  /** Tells where the lines are, for messages. */
  @Override
  String toString();

  @Override
  void close() throws IOException;

  /** Cuts a line that was not ended. */
  static String wholeLines(String text) {
    return text.substring(0, text.lastIndexOf('\n') + 1);
  }
}
