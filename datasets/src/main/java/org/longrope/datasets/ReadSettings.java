package org.longrope.datasets;

import java.io.Serializable;

/**
 * The way in which rows of JSON lines and Parquet become documents.
 *
 * @param textField field or column with a document's text
 * @param idsField field or column with a document's token ids
 * @param skipBad true to leave out rows that cannot be read; false to refuse the input
 */
public record ReadSettings(String textField, String idsField, boolean skipBad)
    implements Serializable {
  public static final String TEXT_FIELD = "text";
  public static final String IDS_FIELD = "input_ids";

  /** The usual names; a bad row is refused. */
  public static final ReadSettings DEFAULT = new ReadSettings(TEXT_FIELD, IDS_FIELD, false);
}
