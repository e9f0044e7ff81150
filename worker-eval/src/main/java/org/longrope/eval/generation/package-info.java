/** Text that a resident model continues, under factors that follow its length. */
@NullMarked
package org.longrope.eval.generation;

import org.jspecify.annotations.NullMarked;
