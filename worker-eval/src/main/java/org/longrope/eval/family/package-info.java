/**
 * Model families: readers of config.json that describe each model as one {@link
 * org.longrope.eval.family.DecoderSpec}, which the decoder runs. Begin reading at {@link
 * org.longrope.eval.family.Families}.
 */
@NullMarked
package org.longrope.eval.family;

import org.jspecify.annotations.NullMarked;
