/** The fan-out: one task per rescaling and document, in this process or on Spark executors. */
@NullMarked
package org.longrope.driver.scoring;

import org.jspecify.annotations.NullMarked;
