/** What learns on Spark which candidates of a search promise most. */
@NullMarked
package org.longrope.driver.surrogate;

import org.jspecify.annotations.NullMarked;
