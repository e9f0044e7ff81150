/** A search run: its settings, its directory, its journal, its course and its end. */
@NullMarked
package org.longrope.driver.run;

import org.jspecify.annotations.NullMarked;
