/**
 * The extension problem: how far which model is to be extended, what is minimised, and what a
 * search begins with.
 *
 * <p>Begin reading at {@link org.longrope.driver.run.problem.ExtensionProblem}.
 */
@NullMarked
package org.longrope.driver.run.problem;

import org.jspecify.annotations.NullMarked;
