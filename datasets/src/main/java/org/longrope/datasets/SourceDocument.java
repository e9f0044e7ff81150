package org.longrope.datasets;

import org.jspecify.annotations.Nullable;

/** A document as a file gives it: text still to be tokenised, or tokens. */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record SourceDocument(
    int row,
    @Nullable String id,
    @Nullable String title,
    @Nullable String text,
    int @Nullable [] tokens) {}
