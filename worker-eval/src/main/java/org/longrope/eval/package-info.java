/** What every part of the evaluator shares: the error for bad input and content hashes. */
@NullMarked
package org.longrope.eval;

import org.jspecify.annotations.NullMarked;
