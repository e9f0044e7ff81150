/**
 * Extension problem of a search: model, target length, objective, search space, seeds and
 * baselines.
 *
 * <p>Begin reading at {@link org.longrope.driver.run.problem.ExtensionProblem}.
 */
@NullMarked
package org.longrope.driver.run.problem;

import org.jspecify.annotations.NullMarked;
