/**
 * Hugging Face checkpoints: config.json, safetensors files, content hashes, without a tensor
 * library. Begin reading at {@link org.longrope.eval.checkpoint.Checkpoint}.
 */
@NullMarked
package org.longrope.eval.checkpoint;

import org.jspecify.annotations.NullMarked;
