package org.longrope.datasets;

import java.io.Serializable;

/** A document on its way to the partition; file and row give its place among all. */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record TokenisedDocument(int file, int row, String id, String title, int[] tokens)
    implements Serializable {}
