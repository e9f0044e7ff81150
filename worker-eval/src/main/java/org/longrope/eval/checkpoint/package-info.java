/** Hugging Face checkpoints: config.json, safetensors files, content hashes. No tensor library. */
@NullMarked
package org.longrope.eval.checkpoint;

import org.jspecify.annotations.NullMarked;
