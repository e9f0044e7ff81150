/** Questions to a model: who answers them, here or on Spark, and how answers are kept. */
@NullMarked
package org.longrope.driver.asking;

import org.jspecify.annotations.NullMarked;
