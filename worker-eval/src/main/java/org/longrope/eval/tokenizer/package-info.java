/** Text to token ids with a checkpoint's own tokenizer.json. */
@NullMarked
package org.longrope.eval.tokenizer;

import org.jspecify.annotations.NullMarked;
