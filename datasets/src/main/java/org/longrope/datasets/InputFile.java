package org.longrope.datasets;

import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/**
 * File to read, or one of several equal shares of it.
 *
 * @param index its position among the inputs; documents are ordered by it, then by row
 * @param format how it is read
 * @param location its Hadoop path
 * @param length in bytes
 * @param modifiedMs modification time by its file system; 0 if it has none
 * @param label begins the ids of its documents: the name without extensions where that is unique
 * @param title of its document, if it is one: from the metadata, else the path below the input
 * @param share which rows to read: those with row mod shares = share
 * @param shares 1 for all rows
 */
record InputFile(
    int index,
    SourceFormat format,
    String location,
    long length,
    long modifiedMs,
    String label,
    String title,
    int share,
    int shares)
    implements Serializable {
  Path path() {
    return new Path(location);
  }

  /** Returns whether a row belongs to this share. */
  boolean hasRow(int row) {
    return row % shares == share;
  }

  InputFile share(int number, int of) {
    return new InputFile(index, format, location, length, modifiedMs, label, title, number, of);
  }
}
