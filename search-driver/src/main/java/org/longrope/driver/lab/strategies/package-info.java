/** Strategies of search against each other: problems, seeds, held-out documents, statistics. */
@NullMarked
package org.longrope.driver.lab.strategies;

import org.jspecify.annotations.NullMarked;
