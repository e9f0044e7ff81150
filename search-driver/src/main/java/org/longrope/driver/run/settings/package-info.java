/**
 * The settings of a search, from the command line, a file and the reference configuration.
 *
 * <p>Begin reading at {@link org.longrope.driver.run.settings.SearchSettings}.
 */
@NullMarked
package org.longrope.driver.run.settings;

import org.jspecify.annotations.NullMarked;
