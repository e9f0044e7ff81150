/** Chains of steps (search, fine-tune, search again, measure) that go on where they stopped. */
@NullMarked
package org.longrope.driver.recipe;

import org.jspecify.annotations.NullMarked;
