/**
 * Factor files: read, printed, resolved against a model, and exported for engines that serve it.
 *
 * <p>Begin reading at {@link org.longrope.driver.factors.FactorFile} for what files hold, and at
 * {@link org.longrope.driver.factors.FactorExport} for exports.
 */
@NullMarked
package org.longrope.driver.factors;

import org.jspecify.annotations.NullMarked;
