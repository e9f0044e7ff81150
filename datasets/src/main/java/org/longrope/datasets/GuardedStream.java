package org.longrope.datasets;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Decompressor whose unchecked exceptions, thrown for damaged data, become input errors. */
final class GuardedStream extends FilterInputStream {
  GuardedStream(InputStream decompressor) {
    super(decompressor);
  }

  @Override
  public int read() throws IOException {
    try {
      return super.read();
    } catch (RuntimeException e) {
      throw new IOException("damaged compressed data", e);
    }
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      return super.read(bytes, offset, length);
    } catch (RuntimeException e) {
      throw new IOException("damaged compressed data", e);
    }
  }
}
