/**
 * Passkey test: whether a model finds a number in a long text, and how likely it is to the model.
 * Begin reading at {@link org.longrope.eval.passkey.Passkey}.
 */
@NullMarked
package org.longrope.eval.passkey;

import org.jspecify.annotations.NullMarked;
