package org.longrope.driver.store.files;

import java.io.IOException;
import java.io.OutputStream;

/** Content of a file that is about to be written. */
@FunctionalInterface
interface Content {
  void writeTo(OutputStream stream) throws IOException;
}
