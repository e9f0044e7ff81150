/** The passkey test: whether a model finds a number in a long text, and how sure it is of it. */
@NullMarked
package org.longrope.eval.passkey;

import org.jspecify.annotations.NullMarked;
