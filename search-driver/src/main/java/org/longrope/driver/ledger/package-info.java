/** Evaluations that runs share, known by all that their numbers depend on. */
@NullMarked
package org.longrope.driver.ledger;

import org.jspecify.annotations.NullMarked;
