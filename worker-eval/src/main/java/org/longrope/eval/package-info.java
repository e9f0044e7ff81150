/**
 * Errors, hashes, JSON and files that all packages share. Begin reading at {@link
 * org.longrope.eval.decoder.ResidentModel}, which evaluates a model, and {@link
 * org.longrope.eval.BadInputException}, by which all code rejects input.
 */
@NullMarked
package org.longrope.eval;

import org.jspecify.annotations.NullMarked;
