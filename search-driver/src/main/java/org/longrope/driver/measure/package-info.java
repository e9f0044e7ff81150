/**
 * Measurements of a model without a search: tasks of one model, executed where they lack a result.
 *
 * <p>Begin reading at {@link org.longrope.driver.measure.Measurement}.
 */
@NullMarked
package org.longrope.driver.measure;

import org.jspecify.annotations.NullMarked;
