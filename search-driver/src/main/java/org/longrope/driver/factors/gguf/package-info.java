/**
 * GGUF files of llama.cpp: reading their structure, building small ones, and copying large ones
 * with changes. What the keys and tensors mean is the business of the callers.
 *
 * <p>Begin reading at {@link org.longrope.driver.factors.gguf.GgufFile}.
 */
@NullMarked
package org.longrope.driver.factors.gguf;

import org.jspecify.annotations.NullMarked;
