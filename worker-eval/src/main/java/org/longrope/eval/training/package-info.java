/**
 * Next-token training with the decoder's own program: AdamW, LoRA, state files, exact resume. Begin
 * reading at {@link org.longrope.eval.training.Trainer}.
 */
@NullMarked
package org.longrope.eval.training;

import org.jspecify.annotations.NullMarked;
