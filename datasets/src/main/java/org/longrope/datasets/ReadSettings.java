package org.longrope.datasets;

import java.io.Serializable;

/**
 * Settings for reading rows of JSON lines and Parquet as documents.
 *
 * @param textField field or column with a document's text
 * @param idsField field or column with a document's token ids
 * @param skipBad true to leave out rows that cannot be read; false to reject the input
 */
public record ReadSettings(String textField, String idsField, boolean skipBad)
    implements Serializable {
  public static final String TEXT_FIELD = "text";
  public static final String IDS_FIELD = "input_ids";

  /** Default names; a bad row is rejected. */
  public static final ReadSettings DEFAULT = new ReadSettings(TEXT_FIELD, IDS_FIELD, false);
}
