/** Next-token training through the same program: AdamW, checkpoints, exact resume. */
@NullMarked
package org.longrope.eval.training;

import org.jspecify.annotations.NullMarked;
