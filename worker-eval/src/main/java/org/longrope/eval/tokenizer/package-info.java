/**
 * Tokenizers of checkpoints, their BOS, and the training of new ones. Begin reading at {@link
 * org.longrope.eval.tokenizer.DocumentTokenizer}.
 */
@NullMarked
package org.longrope.eval.tokenizer;

import org.jspecify.annotations.NullMarked;
